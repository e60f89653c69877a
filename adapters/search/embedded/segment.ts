import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { syncFolder } from '../../../core/durable-file.js';
import { SciclomaticError } from '../../../core/errors.js';
import type { DatasetRecord, FileRecord } from '../../../formats/dataset-record.js';
import { compareText } from '../compare-text.js';
import { FACET_FIELDS } from '../contract.js';
import { SEARCHED_FIELDS } from '../searched-fields.js';
import { ByteWriter } from './byte-stream.js';
import { listBlocks, listTerms, type TermPostings } from './postings.js';

/**
 * A segment is one file that never changes: stored records, blocks of postings, then columns, which are kept in memory,
 * and their length. It is read with pread, not mapped, so that only the columns count as memory of the process. Its
 * documents are versions of records; each lives from the generation `born` up to, not including, `died`. Deaths are all
 * that ever changes, so an old generation can still be searched as it was.
 */
interface Columns {
  readonly ids: readonly string[];
  /** First 64 bits of the SHA-256 of the record: tells whether an upsert changes anything. */
  readonly hashes: BigUint64Array;
  readonly born: Uint32Array;
  /** Number of terms of each searched field, document after document. */
  readonly lengths: Uint32Array;
  /** Documents in the order of their ids. */
  readonly byId: Uint32Array;
  /** In the order of FACET_FIELDS; document d has the ordinals from offsets[d] to offsets[d + 1]. */
  readonly facets: readonly { values: readonly string[]; offsets: Uint32Array; ordinals: Uint32Array }[];
  /** Where each stored record begins; the last ends where the first block begins. */
  readonly recordOffsets: Float64Array;
  readonly firstTerms: readonly string[];
  readonly blockOffsets: Float64Array;
}

/** Its ordinals are places in the dictionaries of the whole index. */
export interface Segment extends Columns {
  readonly id: number;
  /** Number of its first document among those of all segments; moves when segments are merged. */
  base: number;
  readonly died: Uint32Array;
  readonly read: (start: number, end: number) => Buffer;
  readonly close: () => void;
}

/** In `died`: it lives. */
export const ALIVE = 0xffff_ffff;

export interface NewDocument {
  readonly id: string;
  readonly hash: bigint;
  readonly born: number;
  readonly lengths: readonly number[];
  /** Values in the order of FACET_FIELDS. */
  readonly facetValues: readonly (readonly string[])[];
  readonly stored: () => Uint8Array;
}

/** The values of one facet field, numbered in the order of their arrival: a map remembers that order. */
export type FacetDictionary = { readonly values: string[]; readonly ordinals: Map<string, number> };

export const createDictionaries = (): FacetDictionary[] =>
  FACET_FIELDS.map(() => ({ values: [], ordinals: new Map<string, number>() }));

function internValue({ values, ordinals }: FacetDictionary, value: string): number {
  const known = ordinals.get(value);
  if (known !== undefined) return known;
  ordinals.set(value, values.length);
  return values.push(value) - 1;
}

/** Bytes written between two looks at the event loop. */
const BYTES_PER_TURN = 1 << 20;
const TRAILER_BYTES = 8;

/** Writes a segment's file; it is on disk when this returns. */
export async function writeSegment(path: string, documents: readonly NewDocument[], entries: Iterable<TermPostings>) {
  await writeFile(path, listBytes(documents, entries), { flush: true });
  await syncFolder(dirname(path));
}

function* listBytes(documents: readonly NewDocument[], entries: Iterable<TermPostings>): Generator<Uint8Array> {
  const writer = new ByteWriter();
  let taken = 0;
  const isFull = (): boolean => writer.length > BYTES_PER_TURN;
  const take = (): Uint8Array => {
    taken += writer.length;
    return writer.take();
  };
  const recordOffsets = new Float64Array(documents.length + 1);
  for (const [document, { stored }] of documents.entries()) {
    writer.writeBytes(stored());
    recordOffsets[document + 1] = taken + writer.length;
    if (isFull()) yield take();
  }
  const firstTerms: string[] = [];
  const blockOffsets = [taken + writer.length];
  for (const { firstTerm, bytes } of listBlocks(entries)) {
    writer.writeBytes(bytes);
    firstTerms.push(firstTerm);
    blockOffsets.push(taken + writer.length);
    if (isFull()) yield take();
  }
  yield take();
  const offsets = { recordOffsets, firstTerms, blockOffsets: Float64Array.from(blockOffsets) };
  const columns = serialize({ ...createColumns(documents), ...offsets } satisfies Columns);
  yield columns;
  const trailer = Buffer.alloc(TRAILER_BYTES);
  trailer.writeDoubleLE(columns.length);
  yield trailer;
}

function createColumns(documents: readonly NewDocument[]) {
  const ids = documents.map((document) => document.id);
  return {
    ids,
    hashes: BigUint64Array.from(documents, (document) => document.hash),
    born: Uint32Array.from(documents, (document) => document.born),
    lengths: Uint32Array.from(documents.flatMap((document) => document.lengths)),
    byId: Uint32Array.from(ids.keys()).sort((left, right) => compareText(ids[left] as string, ids[right] as string)),
    facets: createDictionaries().map((dictionary, field) => {
      const offsets = [0];
      const ordinals: number[] = [];
      for (const { facetValues } of documents) {
        for (const value of facetValues[field] ?? []) ordinals.push(internValue(dictionary, value));
        offsets.push(ordinals.length);
      }
      return { values: dictionary.values, offsets: Uint32Array.from(offsets), ordinals: Uint32Array.from(ordinals) };
    }),
  };
}

/** Opens a segment's file, with its facet values renumbered by the dictionaries. @throws DATA_CORRUPT */
export function openSegment(path: string, id: number, dictionaries: readonly FacetDictionary[]): Segment {
  try {
    const file = openSync(path, 'r');
    const read = (start: number, end: number): Buffer => {
      const bytes = Buffer.allocUnsafe(end - start);
      if (readSync(file, bytes, 0, bytes.length, start) !== bytes.length) throw new Error('the file is too short');
      return bytes;
    };
    const end = fstatSync(file).size - TRAILER_BYTES;
    const columns = deserialize(read(end - read(end, end + TRAILER_BYTES).readDoubleLE(), end)) as Columns;
    const facets = dictionaries.map((dictionary, field) => {
      const { values, offsets, ordinals } = columns.facets[field] as Columns['facets'][number];
      const shared = values.map((value) => internValue(dictionary, value));
      return { values: dictionary.values, offsets, ordinals: ordinals.map((ordinal) => shared[ordinal] as number) };
    });
    const died = new Uint32Array(columns.ids.length).fill(ALIVE);
    return { ...columns, id, facets, base: 0, died, read, close: () => closeSync(file) };
  } catch (error) {
    throw new SciclomaticError('DATA_CORRUPT', `Segment ${path} cannot be read; delete the index and index anew`, {
      cause: error,
    });
  }
}

/** Place in `byId` of the first document whose id is not before `id`. */
export function findId({ ids, byId }: Segment, id: string): number {
  return findFirst(byId.length, (place) => (ids[byId[place] as number] as string) >= id);
}

/** The living document of an id, or -1. */
export function findLiving(segment: Segment, id: string): number {
  const { ids, byId, died } = segment;
  for (let place = findId(segment, id); ids[byId[place] as number] === id; place++)
    if (died[byId[place] as number] === ALIVE) return byId[place] as number;
  return -1;
}

/** Postings of a term; costs one read. */
export function readPostings(segment: Segment, term: string): Uint8Array | undefined {
  const { firstTerms } = segment;
  const block = findFirst(firstTerms.length, (number) => (firstTerms[number] as string) > term) - 1;
  if (block < 0) return undefined;
  for (const entry of listTerms(readBlock(segment, block))) if (entry.term === term) return entry.postings;
  return undefined;
}

/** Every term of a segment. */
export function* listPostings(segment: Segment): Generator<TermPostings, void> {
  for (let block = 0; block < segment.firstTerms.length; block++) yield* listTerms(readBlock(segment, block));
}

const readBlock = ({ read, blockOffsets }: Segment, block: number): Buffer =>
  read(blockOffsets[block] as number, blockOffsets[block + 1] as number);

/** The least number below `count` for which the test, false up to a point and true from it on, is true; else `count`. */
function findFirst(count: number, test: (number: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Number of terms of each searched field of a document. */
export const readLengths = ({ lengths }: Segment, document: number): Uint32Array =>
  lengths.subarray(document * SEARCHED_FIELDS.length, (document + 1) * SEARCHED_FIELDS.length);

export const readStored = ({ read, recordOffsets }: Segment, document: number): Buffer =>
  read(recordOffsets[document] as number, recordOffsets[document + 1] as number);

/** Files of a record in one line: a string cannot hold the millions that a record may have. */
const FILES_PER_LINE = 10_000;
const LINE_FEED = 10;

/** A record as lines of JSON: all but its files, then these. */
export function encodeRecord({ files, ...record }: DatasetRecord): Buffer {
  const lines: unknown[] = [{ ...record, files: files && [] }];
  for (let start = 0; files !== null && start < files.length; start += FILES_PER_LINE)
    lines.push(files.slice(start, start + FILES_PER_LINE));
  return Buffer.concat(lines.map((line) => Buffer.from(`${JSON.stringify(line)}\n`)));
}

export function decodeRecord(bytes: Buffer): DatasetRecord {
  const lines: unknown[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(LINE_FEED, at);
    lines.push(JSON.parse(bytes.toString('utf8', at, end)));
    at = end + 1;
  }
  const [record, ...files] = lines as [DatasetRecord, ...FileRecord[][]];
  return files.length === 0 ? record : { ...record, files: files.flat() };
}
