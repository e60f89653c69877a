import { deserialize, serialize } from 'node:v8';
import { COUNT_MAXIMA, COUNT_SHIFTS } from '../searched-fields.js';
import { visitTerms } from '../text-analysis.js';

/** Pairs of a document, in rising order, and how often its fields hold the term: packed as searched-fields.ts says. */
export interface TermPostings {
  readonly term: string;
  readonly postings: Uint32Array;
}

/** Numbers in a block of terms, about: what one term costs to read. */
const BLOCK_NUMBERS = 4096;

/** Terms in code-unit order, and where the postings of each end. */
interface Block {
  readonly terms: string[];
  readonly ends: number[];
  readonly postings: Uint32Array;
}

/** Packs terms into blocks. */
export function* listBlocks(entries: Iterable<TermPostings>): Generator<{ firstTerm: string; bytes: Buffer }> {
  let terms: string[] = [];
  let ends: number[] = [];
  let parts: Uint32Array[] = [];
  const pack = (): { firstTerm: string; bytes: Buffer } => {
    const postings = new Uint32Array(ends.at(-1) ?? 0);
    for (const [index, part] of parts.entries()) postings.set(part, ends[index - 1] ?? 0);
    return { firstTerm: terms[0] ?? '', bytes: serialize({ terms, ends, postings } satisfies Block) };
  };
  for (const { term, postings } of entries) {
    if ((ends.at(-1) ?? 0) + postings.length + terms.length > BLOCK_NUMBERS && terms.length > 0) {
      yield pack();
      [terms, ends, parts] = [[], [], []];
    }
    ends.push((ends.at(-1) ?? 0) + postings.length);
    terms.push(term);
    parts.push(postings);
  }
  if (terms.length > 0) yield pack();
}

export function findInBlock(bytes: Buffer, wanted: string): Uint32Array {
  const { terms, ends, postings } = deserialize(bytes) as Block;
  const index = terms.indexOf(wanted);
  return index < 0 ? new Uint32Array() : postings.subarray(ends[index - 1] ?? 0, ends[index]);
}

export function* listBlock(bytes: Buffer): Generator<TermPostings, void> {
  const { terms, ends, postings } = deserialize(bytes) as Block;
  for (const [index, term] of terms.entries())
    yield { term, postings: postings.subarray(ends[index - 1] ?? 0, ends[index]) };
}

/** Every term of several segments with the documents that `renumbered` keeps (not -1), joined in their order. */
export function* mergePostings(
  sources: readonly { entries: Iterator<TermPostings, void>; renumbered: Int32Array }[],
): Generator<TermPostings> {
  const heads = sources.map(({ entries }) => entries.next());
  for (;;) {
    let term: string | undefined;
    for (const head of heads) if (!head.done && (term === undefined || head.value.term < term)) term = head.value.term;
    if (term === undefined) return;
    const joined: number[] = [];
    for (const [index, { entries, renumbered }] of sources.entries()) {
      const head = heads[index];
      if (head === undefined || head.done || head.value.term !== term) continue;
      const { postings } = head.value;
      for (let at = 0; at < postings.length; at += 2) {
        const document = renumbered[postings[at] as number] as number;
        if (document >= 0) joined.push(document, postings[at + 1] as number);
      }
      heads[index] = entries.next();
    }
    if (joined.length > 0) yield { term, postings: new Uint32Array(joined) };
  }
}

/** Collects the postings of new documents in memory. */
export function createPostingsBuilder() {
  const logs = new Map<string, number[]>();
  let documentCount = 0;
  return {
    /** Takes the next document's texts, a list for each searched field, and returns how many terms each has. */
    addDocument(texts: readonly (readonly string[])[]): number[] {
      const document = documentCount++;
      return texts.map((fieldTexts, field) => {
        const one = 2 ** (COUNT_SHIFTS[field] as number);
        const maximum = (COUNT_MAXIMA[field] as number) * one;
        let length = 0;
        const count = (term: string): void => {
          length++;
          const log = logs.get(term);
          if (log === undefined) logs.set(term, [document, one]);
          else if (log[log.length - 2] !== document) log.push(document, one);
          // Fields come in the order of their bits, so that those above this one's are still 0.
          else if ((log[log.length - 1] as number) < maximum) (log[log.length - 1] as number) += one;
        };
        for (const text of fieldTexts) visitTerms(text, 'INDEX', count);
        return length;
      });
    },

    *list(): Generator<TermPostings> {
      for (const term of [...logs.keys()].sort()) yield { term, postings: new Uint32Array(logs.get(term) ?? []) };
    },
  };
}
