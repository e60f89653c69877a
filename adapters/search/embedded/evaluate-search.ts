import { compareText } from '../compare-text.js';
import { FACET_FIELDS, type FacetResult, type SearchRequest } from '../contract.js';
import type { SearchPosition } from '../search-cursor.js';
import { BM25, inverseFrequency, SEARCHED_FIELDS } from '../searched-fields.js';
import { ByteReader } from './byte-stream.js';
import { type FacetDictionary, findId, readPostings, type Segment } from './segment.js';

/** The index as it was between two changes. */
export interface Generation {
  readonly number: number;
  /** Records then. */
  readonly count: number;
  /** Sum of the terms of all records, for each searched field. */
  readonly lengths: readonly number[];
  /** When the next one began, milliseconds since the epoch; null = it is the present one. */
  readonly supersededAtMs: number | null;
}

export interface SearchedIndex {
  readonly segments: readonly Segment[];
  readonly dictionaries: readonly FacetDictionary[];
  readonly generation: Generation;
}

export interface FoundDocument {
  readonly segment: Segment;
  readonly document: number;
  readonly score: number;
}

/** Answers a search in one pass over the postings of each term and one over the documents. */
export function evaluateSearch(
  index: SearchedIndex,
  request: Pick<SearchRequest, 'filter' | 'sort' | 'first' | 'facets'>,
  terms: readonly string[],
  after?: SearchPosition,
): { page: FoundDocument[]; hasNextPage: boolean; totalCount: number; facets: FacetResult[] } {
  const scores = terms.length === 0 ? undefined : scoreDocuments(index, terms);
  const { matches, totalCount, facets } = countMatches(index, request, scores);
  const isRanked = scores !== undefined && request.sort === 'RELEVANCE';
  const page = isRanked
    ? rankMatches(index.segments, matches, scores, request.first + 1, after)
    : orderMatches(index.segments, matches, request.first + 1, after?.id);
  return { page: page.slice(0, request.first), hasNextPage: page.length > request.first, totalCount, facets };
}

const countDocuments = (segments: readonly Segment[]): number =>
  segments.reduce((sum, segment) => sum + segment.ids.length, 0);

/** BM25F of every visible document, 0 where no term matches; exact for the generation, so that it never moves. */
function scoreDocuments({ segments, generation }: SearchedIndex, terms: readonly string[]): Float64Array {
  const total = countDocuments(segments);
  const scores = new Float64Array(total);
  const documents = new Uint32Array(total);
  const weights = new Float64Array(total);
  const averages = SEARCHED_FIELDS.map((_, field) => (generation.lengths[field] ?? 0) / generation.count);
  for (const term of terms) {
    let count = 0;
    for (const segment of segments) {
      const postings = readPostings(segment, term);
      if (postings !== undefined)
        count = weighPostings(segment, postings, generation.number, averages, documents, weights, count);
    }
    const frequency = inverseFrequency(count, generation.count);
    for (let index = 0; index < count; index++) {
      const weight = weights[index] as number;
      (scores[documents[index] as number] as number) += (frequency * weight) / (BM25.saturation + weight);
    }
  }
  return scores;
}

const BOOSTS = SEARCHED_FIELDS.map((field) => field.boost);
const FIELD_COUNT = SEARCHED_FIELDS.length;
const DESCRIPTION = SEARCHED_FIELDS.findIndex((field) => field.name === 'description');

/** Appends the visible documents of one term and their weights; returns the new count. See postings.ts for the bytes. */
function weighPostings(
  { born, died, lengths, base }: Segment,
  postings: Uint8Array,
  generation: number,
  averages: readonly number[],
  documents: Uint32Array,
  weights: Float64Array,
  start: number,
): number {
  const reader = new ByteReader(postings);
  let count = start;
  let document = 0;
  while (reader.at < postings.length) {
    const header = reader.readVarint();
    document += header >>> 1;
    const isPlain = (header & 1) === 0;
    const mask = isPlain ? 1 << DESCRIPTION : reader.readByte();
    let weight = 0;
    for (let field = 0; field < FIELD_COUNT; field++) {
      if ((mask & (1 << field)) === 0) continue;
      const times = isPlain ? 1 : reader.readVarint();
      const length = (lengths[document * FIELD_COUNT + field] as number) / (averages[field] as number);
      weight += ((BOOSTS[field] as number) * times) / (1 - BM25.lengthWeight + BM25.lengthWeight * length);
    }
    if ((born[document] as number) <= generation && (died[document] as number) > generation) {
      documents[count] = base + document;
      weights[count++] = weight;
    }
  }
  return count;
}

/** Filters and counts: a document that fails one field's filter only still counts for the facet of that field. */
function countMatches(
  { segments, dictionaries, generation }: SearchedIndex,
  request: Pick<SearchRequest, 'filter' | 'facets'>,
  scores: Float64Array | undefined,
) {
  /** 1 for each document that matches text and filter. */
  const matches = new Uint8Array(countDocuments(segments));
  const filters = FACET_FIELDS.flatMap((name, field) => {
    const values = request.filter[name];
    return values === undefined ? [] : [{ field, allowed: allowOrdinals(dictionaries[field], values) }];
  });
  const facets = request.facets.map(({ field: name, size }) => {
    const field = FACET_FIELDS.indexOf(name);
    return { name, field, size, missing: 0, counts: new Uint32Array(dictionaries[field]?.values.length ?? 0) };
  });
  let totalCount = 0;
  for (const { ids, base, born, died, facets: columns } of segments) {
    documents: for (let document = 0; document < ids.length; document++) {
      const isFound =
        scores === undefined
          ? (born[document] as number) <= generation.number && (died[document] as number) > generation.number
          : scores[base + document] !== 0;
      if (!isFound) continue;
      let failedField = -1;
      for (const { field, allowed } of filters) {
        const { offsets, ordinals } = columns[field] as { offsets: Uint32Array; ordinals: Uint32Array };
        const end = offsets[document + 1] as number;
        let at = offsets[document] as number;
        while (at < end && allowed[ordinals[at] as number] === 0) at++;
        if (at < end) continue;
        if (failedField >= 0) continue documents;
        failedField = field;
      }
      if (failedField < 0) {
        totalCount++;
        matches[base + document] = 1;
      }
      for (const facet of facets) {
        if (failedField >= 0 && failedField !== facet.field) continue;
        const { offsets, ordinals } = columns[facet.field] as { offsets: Uint32Array; ordinals: Uint32Array };
        const end = offsets[document + 1] as number;
        let at = offsets[document] as number;
        if (at === end) facet.missing++;
        for (; at < end; at++) (facet.counts[ordinals[at] as number] as number)++;
      }
    }
  }
  const results = facets.map(({ name, field, size, counts, missing }): FacetResult => {
    const buckets = listBuckets(dictionaries[field]?.values ?? [], counts, size);
    const shown = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
    const otherCount = counts.reduce((sum, count) => sum + count, 0) - shown;
    return { field: name, buckets, otherCount, missingCount: missing };
  });
  return { matches, totalCount, facets: results };
}

function allowOrdinals(dictionary: FacetDictionary | undefined, values: readonly string[]): Uint8Array {
  const allowed = new Uint8Array(dictionary?.values.length ?? 0);
  for (const value of values) {
    const ordinal = dictionary?.ordinals.get(value);
    if (ordinal !== undefined) allowed[ordinal] = 1;
  }
  return allowed;
}

function listBuckets(values: readonly string[], counts: Uint32Array, size: number): { value: string; count: number }[] {
  const compare = (left: number, right: number): number =>
    (counts[right] as number) - (counts[left] as number) ||
    compareText(values[left] as string, values[right] as string);
  const top = selectFirst(counts.length, size, (ordinal) => counts[ordinal] !== 0, compare);
  return top.map((ordinal) => ({ value: values[ordinal] as string, count: counts[ordinal] as number }));
}

/** The first few of the numbers below `count` that pass, in the order of `compare`; sorts only what may be among them. */
function selectFirst(
  count: number,
  size: number,
  passes: (number: number) => boolean,
  compare: (left: number, right: number) => number,
): number[] {
  let best: number[] = [];
  let limit: number | undefined;
  for (let number = 0; number < count; number++) {
    if (!passes(number) || (limit !== undefined && compare(number, limit) > 0)) continue;
    best.push(number);
    if (best.length < size * 2 + 100) continue;
    best = best.sort(compare).slice(0, size);
    limit = best.at(-1);
  }
  return best.sort(compare).slice(0, size);
}

/** The best matches after a position: by score, ties by id. */
function rankMatches(
  segments: readonly Segment[],
  matches: Uint8Array,
  scores: Float64Array,
  capacity: number,
  after: SearchPosition | undefined,
): FoundDocument[] {
  const locate = (number: number): { segment: Segment; document: number } => {
    let index = segments.length - 1;
    while ((segments[index] as Segment).base > number) index--;
    const segment = segments[index] as Segment;
    return { segment, document: number - segment.base };
  };
  const readId = (number: number): string => {
    const { segment, document } = locate(number);
    return segment.ids[document] as string;
  };
  const scoreOf = (number: number): number => scores[number] as number;
  const limit = after?.sort === 'RELEVANCE' ? after.score : Number.POSITIVE_INFINITY;
  const isAfter = (number: number): boolean =>
    scoreOf(number) < limit || (scoreOf(number) === limit && after !== undefined && readId(number) > after.id);
  const top = selectFirst(
    matches.length,
    capacity,
    (number) => matches[number] === 1 && isAfter(number),
    (left, right) => scoreOf(right) - scoreOf(left) || compareText(readId(left), readId(right)),
  );
  return top.map((number) => ({ ...locate(number), score: scoreOf(number) }));
}

/** The first matches after an id, by id. */
function orderMatches(
  segments: readonly Segment[],
  matches: Uint8Array,
  capacity: number,
  after: string | undefined,
): FoundDocument[] {
  const found: FoundDocument[] = [];
  for (const segment of segments) {
    const { byId, ids, base } = segment;
    let left = capacity;
    for (let place = after === undefined ? 0 : findId(segment, after); place < byId.length && left > 0; place++) {
      const document = byId[place] as number;
      if (matches[base + document] === 0 || ids[document] === after) continue;
      found.push({ segment, document, score: 0 });
      left--;
    }
  }
  const readId = ({ segment, document }: FoundDocument): string => segment.ids[document] as string;
  return found.sort((one, other) => compareText(readId(one), readId(other))).slice(0, capacity);
}
