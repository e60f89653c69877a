import { SEARCHED_FIELDS } from '../searched-fields.js';
import { visitTerms } from '../text-analysis.js';
import { ByteReader, ByteWriter } from './byte-stream.js';

/**
 * Postings of a term: for each document in rising order a varint of `2 × (distance to the one before) + flag`. Flag 0:
 * the term stands once, in the description. Flag 1: a byte with a bit for each searched field that holds the term, and
 * for each of these a varint: how often. Terms come in code-unit order.
 */
export interface TermPostings {
  readonly term: string;
  /** Valid until the next term is asked for. */
  readonly postings: Uint8Array;
}

const DESCRIPTION = SEARCHED_FIELDS.findIndex((field) => field.name === 'description');
/** Size of a block of terms: what one term costs to read. */
const BLOCK_BYTES = 16_384;

/** Packs terms into blocks: for each term varint length, UTF-8, varint length, postings. */
export function* listBlocks(entries: Iterable<TermPostings>): Generator<{ firstTerm: string; bytes: Uint8Array }> {
  const writer = new ByteWriter();
  let firstTerm = '';
  for (const { term, postings } of entries) {
    if (writer.length > 0 && writer.length + postings.length > BLOCK_BYTES) yield { firstTerm, bytes: writer.take() };
    if (writer.length === 0) firstTerm = term;
    const name = Buffer.from(term);
    writer.writeVarint(name.length);
    writer.writeBytes(name);
    writer.writeVarint(postings.length);
    writer.writeBytes(postings);
  }
  if (writer.length > 0) yield { firstTerm, bytes: writer.take() };
}

/** The terms of a block. */
export function* listTerms(block: Buffer): Generator<TermPostings, void> {
  const reader = new ByteReader(block);
  while (reader.at < block.length) {
    const length = reader.readVarint();
    const term = block.toString('utf8', reader.at, reader.at + length);
    reader.at += length;
    yield { term, postings: reader.readBytes(reader.readVarint()) };
  }
}

/** Every term of several segments with the documents that `renumbered` keeps (not -1), joined in their order. */
export function* mergePostings(
  sources: readonly { entries: Iterator<TermPostings, void>; renumbered: Int32Array }[],
): Generator<TermPostings> {
  const writer = new ByteWriter();
  const heads = sources.map(({ entries }) => entries.next());
  for (;;) {
    let term: string | undefined;
    for (const head of heads) if (!head.done && (term === undefined || head.value.term < term)) term = head.value.term;
    if (term === undefined) return;
    writer.length = 0;
    let last = 0;
    for (const [index, { entries, renumbered }] of sources.entries()) {
      const head = heads[index];
      if (head === undefined || head.done || head.value.term !== term) continue;
      last = appendRenumbered(writer, head.value.postings, renumbered, last);
      heads[index] = entries.next();
    }
    if (writer.length > 0) yield { term, postings: writer.view() };
  }
}

function appendRenumbered(writer: ByteWriter, postings: Uint8Array, renumbered: Int32Array, before: number): number {
  const reader = new ByteReader(postings);
  let document = 0;
  let last = before;
  while (reader.at < postings.length) {
    const header = reader.readVarint();
    document += header >>> 1;
    const start = reader.at;
    if ((header & 1) === 1) for (let mask = reader.readByte(); mask !== 0; mask &= mask - 1) reader.readVarint();
    const target = renumbered[document] as number;
    if (target < 0) continue;
    writer.writeVarint((target - last) * 2 + (header & 1));
    writer.writeBytes(postings, start, reader.at);
    last = target;
  }
  return last;
}

/** What is known of one term of new documents. */
interface TermLog {
  readonly bytes: number[];
  lastDocument: number;
  isTouched: boolean;
  /** How often each field of the present document holds it. */
  readonly counts: number[];
}

/** Collects the postings of new documents in memory. */
export function createPostingsBuilder() {
  const logs = new Map<string, TermLog>();
  let documentCount = 0;
  return {
    /** Takes the next document's texts, a list for each searched field, and returns how many terms each has. */
    addDocument(texts: readonly (readonly string[])[]): number[] {
      const touched: TermLog[] = [];
      const lengths = texts.map((fieldTexts, field) => {
        let length = 0;
        const count = (term: string): void => {
          let log = logs.get(term);
          if (log === undefined) {
            log = { bytes: [], lastDocument: 0, isTouched: false, counts: texts.map(() => 0) };
            logs.set(term, log);
          }
          if (!log.isTouched) touched.push(log);
          log.isTouched = true;
          (log.counts[field] as number)++;
          length++;
        };
        for (const text of fieldTexts) visitTerms(text, 'INDEX', count);
        return length;
      });
      for (const log of touched) appendPosting(log, documentCount);
      documentCount++;
      return lengths;
    },

    *list(): Generator<TermPostings> {
      for (const term of [...logs.keys()].sort())
        yield { term, postings: Uint8Array.from((logs.get(term) as TermLog).bytes) };
    },
  };
}

function appendPosting(log: TermLog, document: number): void {
  const { bytes, counts } = log;
  const mask = counts.reduce((bits, count, field) => bits | (count > 0 ? 1 << field : 0), 0);
  const isPlain = mask === 1 << DESCRIPTION && counts[DESCRIPTION] === 1;
  pushVarint(bytes, (document - log.lastDocument) * 2 + (isPlain ? 0 : 1));
  if (!isPlain) {
    bytes.push(mask);
    for (const count of counts) if (count > 0) pushVarint(bytes, count);
  }
  log.lastDocument = document;
  log.isTouched = false;
  counts.fill(0);
}

/** Seven bits a byte, lowest first; the top bit says that more follow. */
function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  bytes.push(rest);
}
