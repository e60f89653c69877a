/** Texts for numbers, sizes and instants. Unknown is said as unknown, never as 0. */

export const UNKNOWN = 'unknown';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** One decimal in binary units (IEC: 1 KiB is 1024 B), whole bytes below that, as `sc` prints them: `64.3 MiB`. */
export function formatSize(sizeBytes: number | null | undefined): string {
  if (sizeBytes === null || sizeBytes === undefined) return UNKNOWN;
  let unit = 0;
  let value = sizeBytes;
  // 1023.95 would be printed as 1024.0: it belongs to the next unit.
  while (value >= (unit === 0 ? 1024 : 1023.95) && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(unit === 0 ? 0 : 1)} ${UNITS[unit]}`;
}

const COUNT = new Intl.NumberFormat('en');

export function formatCount(count: number | null | undefined): string {
  return count === null || count === undefined ? UNKNOWN : COUNT.format(count);
}

/** `1 file`, `2 files`, `files: unknown`. */
export function formatQuantity(count: number | null | undefined, one: string, many = `${one}s`): string {
  if (count === null || count === undefined) return `${many}: ${UNKNOWN}`;
  return `${COUNT.format(count)} ${count === 1 ? one : many}`;
}

/** A repository's name with its id, which tells those of one name apart. */
export const formatRepository = ({ id, name }: { readonly id: string; readonly name: string | null }): string =>
  name === null || name === id ? id : `${name} (${id})`;

/** An instant of the API as `2026-08-01 12:00:05 UTC`; text that is no instant comes back as it is. */
export function formatInstant(instant: string): string {
  const timeMs = Date.parse(instant);
  if (Number.isNaN(timeMs)) return instant;
  return `${new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const AGES: readonly (readonly [seconds: number, name: string])[] = [
  [365.25 * 86_400, 'year'],
  [30.4375 * 86_400, 'month'],
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
];

/** How long ago, in its largest unit: `3 minutes ago`, `just now`. An instant ahead of the clock is `just now`. */
export function formatAge(instant: string, nowMs: number): string {
  const ageSeconds = (nowMs - Date.parse(instant)) / 1000;
  if (Number.isNaN(ageSeconds)) return instant;
  for (const [seconds, name] of AGES) {
    const count = Math.floor(ageSeconds / seconds);
    if (count >= 1) return `${count} ${name}${count === 1 ? '' : 's'} ago`;
  }
  return ageSeconds < 10 ? 'just now' : `${Math.floor(ageSeconds)} seconds ago`;
}

/** A digest short enough to compare by eye; the whole is copied. */
export function shortenDigest(value: string): string {
  return value.length <= 16 ? value : `${value.slice(0, 12)}…`;
}

/** At most `length` characters, cut at a space where there is one near the end. */
export function shortenText(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, length);
  const space = cut.lastIndexOf(' ');
  return `${cut.slice(0, space > length * 0.7 ? space : length).trimEnd()}…`;
}

/** The URL when a page may link to it (http or https), else undefined: sources may write anything there. */
export function safeHref(url: string | null | undefined, base: string): string | undefined {
  if (!url) return undefined;
  try {
    const parsed = new URL(url, base);
    return parsed.protocol === 'http:' || parsed.protocol === 'https:' ? parsed.href : undefined;
  } catch {
    return undefined;
  }
}
