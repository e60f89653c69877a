import { formatAge, formatInstant } from '../format.js';
import { useNow } from '../use-now.js';

/** An instant as its age, with the exact time on hover and for machines; `never` when there is none. */
export function Instant({ at, never = 'never' }: { readonly at: string | null | undefined; readonly never?: string }) {
  const nowMs = useNow();
  if (!at) return <span class="quiet">{never}</span>;
  return (
    <time dateTime={at} title={formatInstant(at)}>
      {formatAge(at, nowMs)}
    </time>
  );
}
