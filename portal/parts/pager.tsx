import type { EntryState } from '../navigation.js';
import { Link } from './link.js';

interface PagerProps {
  readonly label: string;
  /** For people: "21 to 40 of 132". */
  readonly position: string;
  readonly first: PagerTarget | undefined;
  /** Absent where the list cannot be read backwards. */
  readonly previous?: PagerTarget | undefined;
  readonly next: PagerTarget | undefined;
}

export interface PagerTarget {
  readonly href: string;
  readonly state?: EntryState;
}

/** First, previous and next page of a list that is read by cursor: those that there are. */
export function Pager({ label, position, first, previous, next }: PagerProps) {
  if (first === undefined && previous === undefined && next === undefined) return null;
  return (
    <nav class="pager" aria-label={label}>
      <PagerLink target={first} text="First" />
      <PagerLink target={previous} text="Previous" />
      <span class="pager-position">{position}</span>
      <PagerLink target={next} text="Next" />
    </nav>
  );
}

function PagerLink({ target, text }: { readonly target: PagerTarget | undefined; readonly text: string }) {
  if (target === undefined) return null;
  return (
    <Link class="pager-link" {...target}>
      {text}
    </Link>
  );
}
