import type { DatasetRecord } from '../../formats/dataset-record.js';
import type { SearchHit } from './contract.js';
import { visitTerms } from './text-analysis.js';

/** Start and end of a match within a fragment. */
export const MATCH_START = '\u0002';
export const MATCH_END = '\u0003';

/** Most fragments of one field, and the length of a fragment of the description in UTF-16 code units. */
const MAX_FRAGMENTS = 3;
const FRAGMENT_LENGTH = 200;
/** Text before the first match of a fragment, so that it is read in context. */
const LEAD_LENGTH = 60;
/** Matches looked at in one text: enough to choose good fragments, bounded for texts of 256 KiB. */
const MAX_MATCHES = 500;

interface Match {
  readonly term: string;
  readonly start: number;
  readonly end: number;
}

/** The fields of a record in which a query's terms occur, each with its best fragments in the order of the text. */
export function listHighlights(record: DatasetRecord, terms: ReadonlySet<string>): SearchHit['highlights'] {
  if (terms.size === 0) return [];
  const whole = (texts: readonly string[]): string[] =>
    texts.flatMap((text) => {
      const matches = findMatches(text, terms);
      return matches.length === 0 ? [] : [markMatches(text, matches, 0, text.length)];
    });
  const fields = [
    { field: 'title', fragments: whole([record.title]) },
    { field: 'description', fragments: listFragments(record.description ?? '', terms) },
    { field: 'subject', fragments: whole(record.subjects).slice(0, MAX_FRAGMENTS) },
    { field: 'creator', fragments: whole(record.creators.map((creator) => creator.name)).slice(0, MAX_FRAGMENTS) },
  ] as const;
  return fields.filter(({ fragments }) => fragments.length > 0);
}

function findMatches(text: string, terms: ReadonlySet<string>): Match[] {
  const matches: Match[] = [];
  visitTerms(text, 'INDEX', (term, start, end) => {
    if (matches.length < MAX_MATCHES && terms.has(term)) matches.push({ term, start, end });
  });
  return matches.sort((left, right) => left.start - right.start);
}

/** Cuts windows around the matches and keeps those with the most different terms, then the most matches. */
function listFragments(text: string, terms: ReadonlySet<string>): string[] {
  const windows: { start: number; end: number; matches: Match[] }[] = [];
  for (const match of findMatches(text, terms)) {
    const last = windows.at(-1);
    if (last !== undefined && match.end <= last.end) last.matches.push(match);
    else {
      const start = Math.max(last?.end ?? 0, wordStart(text, match.start - LEAD_LENGTH, match.start));
      const end = Math.max(match.end, wordEnd(text, start + FRAGMENT_LENGTH, match.end));
      windows.push({ start, end, matches: [match] });
    }
  }
  return windows
    .map((window) => ({ window, distinct: new Set(window.matches.map((match) => match.term)).size }))
    .sort((left, right) => right.distinct - left.distinct || right.window.matches.length - left.window.matches.length)
    .slice(0, MAX_FRAGMENTS)
    .map(({ window }) => window)
    .sort((left, right) => left.start - right.start)
    .map((window) => markMatches(text, window.matches, window.start, window.end).trim());
}

/** First place from `index` on at which a word may begin, not after `limit`. */
function wordStart(text: string, index: number, limit: number): number {
  if (index <= 0) return 0;
  const space = text.slice(index, limit).search(/\s/);
  return space < 0 ? limit : index + space + 1;
}

/** Last place up to `index` at which a word may end, not before `limit`. */
function wordEnd(text: string, index: number, limit: number): number {
  if (index >= text.length) return text.length;
  const space = text.slice(limit, index).search(/\s\S*$/);
  return space < 0 ? limit : limit + space;
}

/** Joins overlapping matches; marks of our own kind that the text itself holds become spaces. */
function markMatches(text: string, matches: readonly Match[], from: number, to: number): string {
  const clean = (start: number, end: number): string =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these two control characters are the marks
    text.slice(start, end).replace(/[\u0002\u0003]/g, ' ');
  let marked = '';
  let at = from;
  let open: { start: number; end: number } | undefined;
  const flush = (): void => {
    if (open === undefined) return;
    marked += `${clean(at, open.start)}${MATCH_START}${clean(open.start, open.end)}${MATCH_END}`;
    at = open.end;
  };
  for (const match of matches) {
    if (open !== undefined && match.start < open.end) open.end = Math.max(open.end, match.end);
    else {
      flush();
      open = { start: match.start, end: match.end };
    }
  }
  flush();
  return marked + clean(at, to);
}
