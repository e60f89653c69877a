import { hashTerm } from '../collect-terms.js';
import { compareText } from '../compare-text.js';
import { FACET_FIELDS, type FacetField, type FacetResult, type SearchRequest } from '../contract.js';
import type { FacetDictionary } from '../facet-values.js';
import type { AgingGeneration } from '../generation-age.js';
import type { SearchPosition } from '../search-cursor.js';
import { BM25, COUNT_MAXIMA, COUNT_SHIFTS, inverseFrequency, SEARCHED_FIELDS } from '../searched-fields.js';
import { selectFirst } from '../select-first.js';
import { type FacetColumn, findId, readPostings, type Segment } from './segment.js';

/** The index as it was between two changes. */
export interface Generation extends AgingGeneration {
  readonly number: number;
  /** Records then. */
  readonly count: number;
  /** Sum of the terms of all records, for each searched field. */
  readonly lengths: readonly number[];
}

export type SearchedIndex = { segments: readonly Segment[]; dictionaries: FacetDictionary[]; generation: Generation };
export type FoundDocument = { readonly segment: Segment; readonly document: number; readonly score: number };
type Request = Pick<SearchRequest, 'filter' | 'sort' | 'first' | 'facets'>;

/** Answers a search in one pass over the postings of each term and one over the documents. */
export function evaluateSearch(
  index: SearchedIndex,
  request: Request,
  terms: readonly string[],
  after?: SearchPosition,
) {
  const scores = terms.length === 0 ? undefined : scoreDocuments(index, terms);
  const { matches, ...counts } = countMatches(index, request, scores);
  const page =
    scores !== undefined && request.sort === 'RELEVANCE'
      ? rankMatches(index.segments, matches, scores, request.first + 1, after)
      : orderMatches(index.segments, matches, request.first + 1, after?.id);
  return { ...counts, page: page.slice(0, request.first), hasNextPage: page.length > request.first };
}

const countDocuments = (segments: readonly Segment[]): number =>
  segments.reduce((sum, segment) => sum + segment.died.length, 0);

const BOOSTS = SEARCHED_FIELDS.map((field) => field.boost);
const FIELD_COUNT = SEARCHED_FIELDS.length;

/** BM25F of every visible document, 0 where no term matches; exact for the generation, so that it never moves. */
function scoreDocuments({ segments, generation }: SearchedIndex, terms: readonly string[]): Float64Array {
  const scores = new Float64Array(countDocuments(segments));
  /** Visible documents with the present term, by their number in the whole index, and its weight in each. */
  const numbers = new Uint32Array(scores.length);
  const weights = new Float64Array(scores.length);
  const averages = SEARCHED_FIELDS.map((_, field) => (generation.lengths[field] ?? 0) / generation.count);
  for (const term of terms.map(hashTerm)) {
    let found = 0;
    for (const segment of segments) {
      const { born, died, lengths, base } = segment;
      const postings = readPostings(segment, term);
      for (let at = 0; at < postings.length; at += 2) {
        const document = postings[at] as number;
        if ((born[document] as number) > generation.number || (died[document] as number) <= generation.number) continue;
        const counts = postings[at + 1] as number;
        let weight = 0;
        for (let field = 0; field < FIELD_COUNT; field++) {
          const count = (counts >>> (COUNT_SHIFTS[field] as number)) & (COUNT_MAXIMA[field] as number);
          if (count === 0) continue;
          const length = (lengths[document * FIELD_COUNT + field] as number) / (averages[field] as number);
          weight += ((BOOSTS[field] as number) * count) / (1 - BM25.lengthWeight + BM25.lengthWeight * length);
        }
        numbers[found] = base + document;
        weights[found++] = weight;
      }
    }
    const frequency = inverseFrequency(found, generation.count);
    for (let index = 0; index < found; index++) {
      const weight = weights[index] as number;
      (scores[numbers[index] as number] as number) += (frequency * weight) / (BM25.saturation + weight);
    }
  }
  return scores;
}

/** Filters and counts: a document that fails one field's filter only still counts for the facet of that field. */
function countMatches(index: SearchedIndex, request: Request, scores: Float64Array | undefined) {
  const { segments, dictionaries, generation } = index;
  /** 1 for each document that matches text and filter. */
  const matches = new Uint8Array(countDocuments(segments));
  const filters = FACET_FIELDS.flatMap((name, field) => {
    const { values, ordinals } = dictionaries[field] as FacetDictionary;
    const allowed = new Uint8Array(values.length);
    // A value that no record has gets no place: typed arrays ignore what is written to -1.
    for (const value of request.filter[name] ?? []) allowed[ordinals.get(value) ?? -1] = 1;
    return request.filter[name] === undefined ? [] : [{ field, allowed }];
  });
  const facets = request.facets.map(({ field: name, size }) => {
    const field = FACET_FIELDS.indexOf(name);
    const { values } = dictionaries[field] as FacetDictionary;
    return { name, field, size, values, missing: 0, counts: new Uint32Array(values.length) };
  });
  let totalCount = 0;
  for (const { base, born, died, facets: columns } of segments) {
    documents: for (let document = 0; document < died.length; document++) {
      const isVisible =
        (born[document] as number) <= generation.number && (died[document] as number) > generation.number;
      if (scores === undefined ? !isVisible : scores[base + document] === 0) continue;
      let failedField = -1;
      for (const { field, allowed } of filters) {
        const { offsets, ordinals } = columns[field] as FacetColumn;
        const end = offsets[document + 1] as number;
        let at = offsets[document] as number;
        while (at < end && allowed[ordinals[at] as number] === 0) at++;
        if (at < end) continue;
        if (failedField >= 0) continue documents;
        failedField = field;
      }
      if (failedField < 0) totalCount += matches[base + document] = 1;
      for (const facet of facets) {
        if (failedField >= 0 && failedField !== facet.field) continue;
        const { offsets, ordinals } = columns[facet.field] as FacetColumn;
        const end = offsets[document + 1] as number;
        let at = offsets[document] as number;
        if (at === end) facet.missing++;
        for (; at < end; at++) (facet.counts[ordinals[at] as number] as number)++;
      }
    }
  }
  const results = facets.map((facet) =>
    createFacetResult(facet.name, facet.size, facet.values, facet.counts, facet.missing),
  );
  return { matches, totalCount, facets: results };
}

function createFacetResult(
  field: FacetField,
  size: number,
  values: readonly string[],
  counts: Uint32Array,
  missingCount: number,
) {
  const countOf = (ordinal: number): number => counts[ordinal] as number;
  const textOf = (ordinal: number): string => values[ordinal] as string;
  const compare = (left: number, right: number): number =>
    countOf(right) - countOf(left) || compareText(textOf(left), textOf(right));
  const top = selectFirst(counts.length, size, (ordinal) => countOf(ordinal) > 0, compare);
  const buckets = top.map((ordinal) => ({ value: textOf(ordinal), count: countOf(ordinal) }));
  const shown = buckets.reduce((sum, { count }) => sum + count, 0);
  const otherCount = counts.reduce((sum, count) => sum + count, 0) - shown;
  return { field, buckets, otherCount, missingCount } satisfies FacetResult;
}

/** The best matches after a position: by score, ties by id. */
function rankMatches(
  segments: readonly Segment[],
  matches: Uint8Array,
  scores: Float64Array,
  count: number,
  after: SearchPosition | undefined,
): FoundDocument[] {
  const scoreOf = (number: number): number => scores[number] as number;
  const locate = (number: number): FoundDocument => {
    const segment = segments.findLast(({ base }) => base <= number) as Segment;
    return { segment, document: number - segment.base, score: scoreOf(number) };
  };
  const idOf = (number: number): string => readId(locate(number));
  const limit = after?.sort === 'RELEVANCE' ? after.score : Number.POSITIVE_INFINITY;
  const isAfter = (number: number): boolean =>
    scoreOf(number) < limit || (scoreOf(number) === limit && after !== undefined && idOf(number) > after.id);
  const compare = (left: number, right: number): number =>
    scoreOf(right) - scoreOf(left) || compareText(idOf(left), idOf(right));
  return selectFirst(matches.length, count, (number) => matches[number] === 1 && isAfter(number), compare).map(locate);
}

const readId = ({ segment, document }: FoundDocument): string => segment.ids[document] as string;

/** The first matches after an id, by id. */
function orderMatches(
  segments: readonly Segment[],
  matches: Uint8Array,
  count: number,
  after?: string,
): FoundDocument[] {
  const found = segments.flatMap((segment) => {
    const { ids, base } = segment;
    const first: FoundDocument[] = [];
    let document = after === undefined ? 0 : findId(segment, after);
    for (; document < ids.length && first.length < count; document++)
      if (matches[base + document] === 1 && ids[document] !== after) first.push({ segment, document, score: 0 });
    return first;
  });
  return found.sort((left, right) => compareText(readId(left), readId(right))).slice(0, count);
}
