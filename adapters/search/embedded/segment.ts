import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { syncFolder } from '../../../core/durable-file.js';
import { SciclomaticError } from '../../../core/errors.js';
import { compareText } from '../compare-text.js';
import { createDictionaries, type FacetDictionary, internValue } from '../facet-values.js';
import { SEARCHED_FIELDS } from '../searched-fields.js';
import { findFirst } from '../select-first.js';
import { findInBlock, listBlock, listBlocks, type TermPostings } from './postings.js';

/** One version of a record. It lives from the generation `born` up to, not including, the one in which it died. */
export interface SegmentDocument {
  readonly id: string;
  /** First 64 bits of the SHA-256 of the record: tells whether an upsert changes anything. */
  readonly hash: bigint;
  readonly born: number;
  /** Number of terms of each searched field. */
  readonly lengths: readonly number[];
  /** Values in the order of FACET_FIELDS. */
  readonly facetValues: readonly (readonly string[])[];
  readonly readStored: () => Uint8Array;
}

/** Facet values of all documents: document d has the ordinals from offsets[d] to offsets[d + 1]. */
export type FacetColumn = { readonly values: readonly string[]; offsets: Uint32Array; ordinals: Uint32Array };

interface Columns {
  readonly ids: readonly string[];
  readonly hashes: BigUint64Array;
  readonly born: Uint32Array;
  readonly lengths: Uint32Array;
  /** Documents in the order of their ids. */
  readonly byId: Uint32Array;
  readonly facets: readonly FacetColumn[];
  /** Where each stored record begins, then where each block of postings begins and the last one ends. */
  readonly offsets: Float64Array;
  readonly firstTerms: readonly string[];
}

/**
 * A file that never changes: stored records, blocks of postings, then columns and their length. The columns are kept in
 * memory; the rest is read with pread, not mapped, so that it does not count as memory of the process. Ordinals of
 * facets are those of the dictionaries of the whole index. Deaths are all that ever changes, so that an old generation
 * can still be searched as it was.
 */
export interface Segment extends Columns {
  readonly id: number;
  /** Number of its first document among those of all segments; moves when segments are merged. */
  base: number;
  /** Generation in which each document died, ALIVE while it has not. */
  readonly died: Uint32Array;
  readonly read: (start: number | undefined, end: number | undefined) => Buffer;
  readonly close: () => void;
}

export const ALIVE = 0xffff_ffff;

/** Bytes written between two looks at the event loop. */
const BYTES_PER_TURN = 1 << 20;
const TRAILER_BYTES = 8;

/** Writes a segment's file; it is on disk when this returns. */
export async function writeSegment(path: string, documents: readonly SegmentDocument[], terms: Iterable<TermPostings>) {
  const offsets: number[] = [];
  const firstTerms: string[] = [];
  let offset = 0;
  const place = (bytes: Uint8Array): Uint8Array => {
    offsets.push(offset);
    offset += bytes.length;
    return bytes;
  };
  function* listParts(): Generator<Uint8Array> {
    for (const document of documents) yield place(document.readStored());
    for (const { firstTerm, bytes } of listBlocks(terms)) {
      firstTerms.push(firstTerm);
      yield place(bytes);
    }
    offsets.push(offset);
    const columns = { ...createColumns(documents), offsets: Float64Array.from(offsets), firstTerms } satisfies Columns;
    const bytes = serialize(columns);
    yield bytes;
    yield Buffer.from(Float64Array.of(bytes.length).buffer);
  }
  await writeFile(path, joinParts(listParts()), { flush: true });
  await syncFolder(dirname(path));
}

/** Fewer and larger writes. */
function* joinParts(parts: Iterable<Uint8Array>): Generator<Uint8Array> {
  let joined: Uint8Array[] = [];
  let byteCount = 0;
  for (const part of parts) {
    joined.push(part);
    byteCount += part.length;
    if (byteCount < BYTES_PER_TURN) continue;
    yield Buffer.concat(joined);
    [joined, byteCount] = [[], 0];
  }
  yield Buffer.concat(joined);
}

function createColumns(documents: readonly SegmentDocument[]) {
  const ids = documents.map((document) => document.id);
  const facets = createDictionaries().map((dictionary, field): FacetColumn => {
    const offsets = [0];
    const ordinals: number[] = [];
    for (const { facetValues } of documents) {
      for (const value of facetValues[field] ?? []) ordinals.push(internValue(dictionary, value));
      offsets.push(ordinals.length);
    }
    return { values: dictionary.values, offsets: Uint32Array.from(offsets), ordinals: Uint32Array.from(ordinals) };
  });
  return {
    ids,
    hashes: BigUint64Array.from(documents, (document) => document.hash),
    born: Uint32Array.from(documents, (document) => document.born),
    lengths: Uint32Array.from(documents.flatMap((document) => document.lengths)),
    byId: Uint32Array.from(ids.keys()).sort((left, right) => compareText(ids[left] as string, ids[right] as string)),
    facets,
  };
}

/** Opens a segment's file. @throws DATA_CORRUPT */
export function openSegment(path: string, id: number, dictionaries: readonly FacetDictionary[]): Segment {
  try {
    const file = openSync(path, 'r');
    const read = (start = 0, end = 0): Buffer => {
      const bytes = Buffer.allocUnsafeSlow(end - start);
      if (readSync(file, bytes, 0, bytes.length, start) === bytes.length) return bytes;
      throw new SciclomaticError('DATA_CORRUPT', `Search segment ${path} is too short`);
    };
    const end = fstatSync(file).size - TRAILER_BYTES;
    const columns = deserialize(read(end - read(end, end + TRAILER_BYTES).readDoubleLE(), end)) as Columns;
    const facets = columns.facets.map(({ values, offsets, ordinals }, field): FacetColumn => {
      const dictionary = dictionaries[field] as FacetDictionary;
      const shared = values.map((value) => internValue(dictionary, value));
      return { values: dictionary.values, offsets, ordinals: ordinals.map((ordinal) => shared[ordinal] as number) };
    });
    const died = new Uint32Array(columns.ids.length).fill(ALIVE);
    return { ...columns, id, facets, base: 0, died, read, close: () => closeSync(file) };
  } catch (cause) {
    throw new SciclomaticError('DATA_CORRUPT', `Search segment ${path} cannot be read; index anew`, { cause });
  }
}

/** Place in `byId` of the first document whose id is not before `id`. */
export const findId = ({ ids, byId }: Segment, id: string): number =>
  findFirst(byId.length, (place) => (ids[byId[place] as number] as string) >= id);

/** The living document of an id, or -1. */
export function findLiving(segment: Segment, id: string): number {
  const { ids, byId, died } = segment;
  for (let place = findId(segment, id); ids[byId[place] as number] === id; place++)
    if (died[byId[place] as number] === ALIVE) return byId[place] as number;
  return -1;
}

/** Postings of a term; costs one read. */
export function readPostings(segment: Segment, term: string): Uint32Array {
  const block = findFirst(segment.firstTerms.length, (number) => (segment.firstTerms[number] as string) > term) - 1;
  return block < 0 ? new Uint32Array() : findInBlock(readBlock(segment, block), term);
}

/** Every term of a segment. */
export function* listPostings(segment: Segment): Generator<TermPostings, void> {
  for (let block = 0; block < segment.firstTerms.length; block++) yield* listBlock(readBlock(segment, block));
}

const readBlock = ({ ids, read, offsets }: Segment, block: number): Buffer =>
  read(offsets[ids.length + block], offsets[ids.length + block + 1]);

export function readDocument({ ids, hashes, born, lengths, facets, read, offsets }: Segment, document: number) {
  const listValues = ({ values, offsets: starts, ordinals }: FacetColumn): string[] =>
    Array.from(ordinals.subarray(starts[document], starts[document + 1]), (ordinal) => values[ordinal] as string);
  return {
    id: ids[document] as string,
    hash: hashes[document] as bigint,
    born: born[document] as number,
    lengths: [...lengths.subarray(document * SEARCHED_FIELDS.length, (document + 1) * SEARCHED_FIELDS.length)],
    facetValues: facets.map(listValues),
    readStored: () => read(offsets[document], offsets[document + 1]),
  } satisfies SegmentDocument;
}
