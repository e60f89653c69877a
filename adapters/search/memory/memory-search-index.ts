import { randomUUID } from 'node:crypto';
import { assertActive, type Call } from '../../../core/call.js';
import type { DatasetId } from '../../../core/ids.js';
import type { DatasetRecord } from '../../../formats/dataset-record.js';
import { compareText } from '../compare-text.js';
import {
  FACET_FIELDS,
  type FacetField,
  type FacetResult,
  type IndexChange,
  type SearchFilter,
  type SearchIndex,
  type SearchRequest,
  type SearchResult,
} from '../contract.js';
import { listFacetValues, repositoryOf } from '../facet-values.js';
import { isReadable, verifyReadable } from '../generation-age.js';
import { parseSearchCursor, type SearchPosition } from '../search-cursor.js';
import { createHitMaker } from '../search-hit.js';
import { verifySearchRequest } from '../search-request.js';
import { BM25, inverseFrequency, SEARCHED_FIELDS } from '../searched-fields.js';
import { visitTerms } from '../text-analysis.js';

/** A record with the terms of each searched field counted. */
interface IndexedRecord {
  readonly record: DatasetRecord;
  readonly fields: readonly { readonly length: number; readonly counts: ReadonlyMap<string, number> }[];
}

/** All records as they were in one generation. */
interface Snapshot {
  readonly generation: string;
  readonly records: ReadonlyMap<string, IndexedRecord>;
  supersededAtMs: number | null;
}

/**
 * The obvious search index: every question walks through every record, and every change copies the whole. It is what
 * the others are compared with in tests; a few thousand records are its limit.
 * @param options.now milliseconds since the epoch; ages relevance cursors
 */
export function createMemorySearchIndex(options: { now?: () => number } = {}): SearchIndex {
  const now = options.now ?? Date.now;
  const origin = randomUUID();
  const snapshots = new Map<string, Snapshot>();
  let newest: Snapshot = { generation: `${origin}/0`, records: new Map(), supersededAtMs: null };

  const readSnapshot = (generation: string): Snapshot =>
    verifyReadable(generation === newest.generation ? newest : snapshots.get(generation), now());
  let generationCount = 1;

  return {
    supports: { persistent: false, highlights: true },

    async apply(change: IndexChange, call: Call): Promise<void> {
      assertActive(call);
      const records = new Map(newest.records);
      for (const id of change.deletes) records.delete(id);
      for (const record of change.upserts) records.set(record.id, countTerms(record));
      if (isSame(records, newest.records)) return;
      newest.supersededAtMs = now();
      snapshots.set(newest.generation, newest);
      for (const snapshot of snapshots.values())
        if (!isReadable(snapshot, now())) snapshots.delete(snapshot.generation);
      const generation = `${origin}/${generationCount++}`;
      newest = { generation, records, supersededAtMs: null };
    },

    async search(request: SearchRequest, call: Call): Promise<SearchResult> {
      assertActive(call);
      const terms = verifySearchRequest(request);
      const after = request.after === undefined ? undefined : parseSearchCursor(request, request.after);
      const snapshot = after?.sort === 'RELEVANCE' ? readSnapshot(after.generation) : newest;
      return answer(request, terms, snapshot, after);
    },

    async readDatasets(ids: readonly DatasetId[]): Promise<(DatasetRecord | undefined)[]> {
      return ids.map((id) => newest.records.get(id)?.record);
    },

    async countByRepository(): Promise<ReadonlyMap<string, number>> {
      const counts = new Map<string, number>();
      for (const id of newest.records.keys()) counts.set(repositoryOf(id), (counts.get(repositoryOf(id)) ?? 0) + 1);
      return counts;
    },

    async *listIds(repository: string): AsyncIterable<DatasetId> {
      const ids = [...newest.records.keys()].filter((id) => repositoryOf(id) === repository).sort();
      for (const id of ids) yield id as DatasetId;
    },

    close: async () => undefined,
  };
}

/** Applying a change again changes nothing, and ends no generation. */
function isSame(left: ReadonlyMap<string, IndexedRecord>, right: ReadonlyMap<string, IndexedRecord>): boolean {
  return (
    left.size === right.size &&
    [...left].every(([id, { record }]) => JSON.stringify(record) === JSON.stringify(right.get(id)?.record))
  );
}

function countTerms(record: DatasetRecord): IndexedRecord {
  const fields = SEARCHED_FIELDS.map((field) => {
    const counts = new Map<string, number>();
    let length = 0;
    for (const text of field.listTexts(record)) {
      visitTerms(text, 'INDEX', (term) => {
        length++;
        counts.set(term, (counts.get(term) ?? 0) + 1);
      });
    }
    return { length, counts };
  });
  return { record, fields };
}

function answer(
  request: SearchRequest,
  terms: readonly string[],
  snapshot: Snapshot,
  after: SearchPosition | undefined,
): SearchResult {
  const indexed = [...snapshot.records.values()];
  const scores = scoreAll(indexed, terms);
  const found = indexed
    .map(({ record }, index) => ({ record, score: scores[index] ?? 0 }))
    .filter(({ score }) => terms.length === 0 || score > 0);
  const matches = found
    .filter(({ record }) => passes(record, request.filter))
    .map(({ record, score }) => ({ record, score: request.sort === 'ID' ? 0 : score }))
    .sort((left, right) => right.score - left.score || compareText(left.record.id, right.record.id));
  const rest = matches.filter(({ record, score }) => {
    if (after === undefined) return true;
    const afterScore = after.sort === 'ID' ? 0 : after.score;
    return score < afterScore || (score === afterScore && record.id > after.id);
  });
  const createHit = createHitMaker(request, terms, snapshot.generation);
  const hits = rest.slice(0, request.first).map(({ record, score }) => createHit(record, score));
  return {
    hits,
    totalCount: matches.length,
    hasNextPage: rest.length > hits.length,
    facets: request.facets.map(({ field, size }) => {
      const counted = found.filter(({ record }) => passes(record, { ...request.filter, [field]: undefined }));
      return countFacet(
        counted.map(({ record }) => record),
        field,
        size,
      );
    }),
  };
}

/** BM25F of each record, in order; see searched-fields.ts for its source. */
function scoreAll(indexed: readonly IndexedRecord[], terms: readonly string[]): number[] {
  const averages = SEARCHED_FIELDS.map(
    (_, field) => indexed.reduce((sum, one) => sum + (one.fields[field]?.length ?? 0), 0) / indexed.length,
  );
  const weigh = (one: IndexedRecord, term: string): number =>
    SEARCHED_FIELDS.reduce((sum, { boost, countBits }, index) => {
      const { length, counts } = one.fields[index] ?? { length: 0, counts: new Map<string, number>() };
      const count = Math.min(counts.get(term) ?? 0, 2 ** countBits - 1);
      if (count === 0) return sum;
      const relativeLength = length / (averages[index] ?? 1);
      return sum + (boost * count) / (1 - BM25.lengthWeight + BM25.lengthWeight * relativeLength);
    }, 0);
  const scores = indexed.map(() => 0);
  for (const term of terms) {
    const weights = indexed.map((one) => weigh(one, term));
    const frequency = inverseFrequency(weights.filter((weight) => weight > 0).length, indexed.length);
    for (const [index, weight] of weights.entries()) {
      if (weight > 0) scores[index] = (scores[index] ?? 0) + (frequency * weight) / (BM25.saturation + weight);
    }
  }
  return scores;
}

function passes(record: DatasetRecord, filter: SearchFilter): boolean {
  return FACET_FIELDS.every((field) => {
    const wanted = filter[field];
    return wanted === undefined || listFacetValues(record, field).some((value) => wanted.includes(value));
  });
}

function countFacet(records: readonly DatasetRecord[], field: FacetField, size: number): FacetResult {
  const counts = new Map<string, number>();
  let missingCount = 0;
  for (const record of records) {
    const values = listFacetValues(record, field);
    if (values.length === 0) missingCount++;
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const sorted = [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((left, right) => right.count - left.count || compareText(left.value, right.value));
  const otherCount = sorted.slice(size).reduce((sum, { count }) => sum + count, 0);
  return { field, buckets: sorted.slice(0, size), otherCount, missingCount };
}
