import { hashTerm, type TermPostings } from '../collect-terms.js';
import { createDictionaries, type FacetDictionary, internValue } from '../facet-values.js';
import { openPartsFile, type PartsFile, writePartsFile } from '../parts-file.js';
import { SEARCHED_FIELDS } from '../searched-fields.js';
import { findFirst } from '../select-first.js';
import { findInBlock, listBlock, listBlocks } from './postings.js';

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
}

/** Facet values of all documents: document d has the ordinals from offsets[d] to offsets[d + 1]. */
export type FacetColumn = { readonly values: readonly string[]; offsets: Uint32Array; ordinals: Uint32Array };

/** Documents in the order of their ids; versions of one record are neighbours. */
type DocumentColumns = ReturnType<ReturnType<typeof createColumnsBuilder>['build']>;
/** With the first term of each block of postings. */
type Columns = DocumentColumns & { readonly firstTerms: Float64Array };

/** What a segment is made of. */
export interface SegmentContent {
  readonly documents: DocumentColumns;
  /** The record of each document. */
  readonly stored: Iterable<Uint8Array>;
  readonly terms: Iterable<TermPostings>;
}

/**
 * A file of the stored record of each document, blocks of postings, and columns. Ordinals of facets are those of the
 * dictionaries of the whole index. Deaths are all that ever changes, so that an old generation can still be searched as
 * it was.
 */
export interface Segment extends Columns, Pick<PartsFile<Columns>, 'readPart' | 'close'> {
  readonly id: number;
  /** Number of its first document among those of all segments; moves when segments are merged. */
  base: number;
  /** Generation in which each document died, ALIVE while it has not. */
  readonly died: Uint32Array;
  /** Hashes of the ids, rising: tell without comparing texts that an id is not here. */
  readonly idHashes: Float64Array;
}

export const ALIVE = 0xffff_ffff;

/** Gathers the columns of documents, which come in the order of their ids. */
export function createColumnsBuilder() {
  const ids: string[] = [];
  const hashes: bigint[] = [];
  const born: number[] = [];
  const lengths: number[] = [];
  const facets = createDictionaries().map((dictionary) => ({ dictionary, offsets: [0], ordinals: [] as number[] }));
  return {
    add(document: SegmentDocument): void {
      ids.push(document.id);
      hashes.push(document.hash);
      born.push(document.born);
      lengths.push(...document.lengths);
      for (const [field, { dictionary, offsets, ordinals }] of facets.entries()) {
        for (const value of document.facetValues[field] ?? []) ordinals.push(internValue(dictionary, value));
        offsets.push(ordinals.length);
      }
    },
    build: () => ({
      ids: ids as readonly string[],
      hashes: BigUint64Array.from(hashes),
      born: Uint32Array.from(born),
      lengths: Uint32Array.from(lengths),
      facets: facets.map(({ dictionary: { values }, offsets, ordinals }): FacetColumn => {
        return { values, offsets: Uint32Array.from(offsets), ordinals: Uint32Array.from(ordinals) };
      }),
    }),
  };
}

/** Writes a segment's file, which is on disk when this returns. */
export function writeSegment(path: string, { documents, stored, terms }: SegmentContent): Promise<PartsFile<Columns>> {
  const firstTerms: number[] = [];
  function* listParts(): Generator<Uint8Array> {
    yield* stored;
    for (const { firstTerm, bytes } of listBlocks(terms)) {
      firstTerms.push(firstTerm);
      yield bytes;
    }
  }
  return writePartsFile(path, listParts(), () => ({ ...documents, firstTerms: Float64Array.from(firstTerms) }));
}

/** The segment of a file. @throws DATA_CORRUPT */
export function openSegment(
  id: number,
  dictionaries: readonly FacetDictionary[],
  { footer, readPart, close }: PartsFile<Columns>,
): Segment {
  const facets = footer.facets.map(({ values, offsets, ordinals }, field): FacetColumn => {
    const dictionary = dictionaries[field] as FacetDictionary;
    const shared = Uint32Array.from(values, (value) => internValue(dictionary, value));
    return { values: dictionary.values, offsets, ordinals: ordinals.map((ordinal) => shared[ordinal] as number) };
  });
  const died = new Uint32Array(footer.ids.length).fill(ALIVE);
  const idHashes = Float64Array.from(footer.ids, hashTerm).sort();
  return { ...footer, id, facets, base: 0, died, idHashes, readPart, close };
}

export const openSegmentFile = (path: string): PartsFile<Columns> => openPartsFile<Columns>(path);

/** The first document whose id is not before `id`. */
export const findId = ({ ids }: Segment, id: string): number =>
  findFirst(ids.length, (document) => (ids[document] as string) >= id);

/** The living document of an id, whose hash is given too, or -1. */
export function findLiving(segment: Segment, id: string, hash: number): number {
  const { ids, died, idHashes } = segment;
  if (idHashes[findFirst(idHashes.length, (place) => (idHashes[place] as number) >= hash)] !== hash) return -1;
  for (let document = findId(segment, id); ids[document] === id; document++)
    if (died[document] === ALIVE) return document;
  return -1;
}

/** Postings of a term; costs one read. @throws DATA_CORRUPT */
export function readPostings({ ids, firstTerms, readPart }: Segment, hash: number): Uint32Array {
  const block = findFirst(firstTerms.length, (number) => (firstTerms[number] as number) > hash) - 1;
  return block < 0 ? new Uint32Array() : findInBlock(readPart(ids.length + block), hash);
}

/** Every term of a segment. @throws DATA_CORRUPT */
export function* listPostings({ ids, firstTerms, readPart }: Segment): Generator<TermPostings, void> {
  for (let block = 0; block < firstTerms.length; block++) yield* listBlock(readPart(ids.length + block));
}

export function readDocument({ ids, hashes, born, lengths, facets }: Segment, document: number): SegmentDocument {
  const listValues = ({ values, offsets, ordinals }: FacetColumn): string[] =>
    Array.from(ordinals.subarray(offsets[document], offsets[document + 1]), (ordinal) => values[ordinal] as string);
  return {
    id: ids[document] as string,
    hash: hashes[document] as bigint,
    born: born[document] as number,
    lengths: [...lengths.subarray(document * SEARCHED_FIELDS.length, (document + 1) * SEARCHED_FIELDS.length)],
    facetValues: facets.map(listValues),
  };
}
