import type { Call } from '../../core/call.js';
import type { DatasetId } from '../../core/ids.js';
import type { DatasetRecord } from '../../formats/dataset-record.js';

/** What a search index can do; conformance cases and users read it. */
export interface SearchSupports {
  /** Survives a restart of its process. */
  readonly persistent: boolean;
  readonly highlights: boolean;
}

/** Fields that can be filtered and counted. `year` is the year of publishedAt as four digits. */
export const FACET_FIELDS = ['repository', 'subject', 'creator', 'license', 'year', 'resourceType'] as const;
export type FacetField = (typeof FACET_FIELDS)[number];

/** A record must have one of the values in each field named (and between fields, or within one). Exact, case-sensitive. */
export type SearchFilter = { readonly [Field in FacetField]?: readonly string[] | undefined };

export interface SearchRequest {
  /** Words, all of them optional matches ranked by BM25 with field boosts; empty = every record. */
  readonly text: string;
  readonly filter: SearchFilter;
  /** `RELEVANCE`: best first, ties by id. `ID`: by id, code-unit order. */
  readonly sort: 'RELEVANCE' | 'ID';
  /** Page size, 0 to 1000. */
  readonly first: number;
  /** Cursor of the hit after which the page begins. */
  readonly after?: string | undefined;
  /** Facets wanted; each ignores its own field's filter. */
  readonly facets: readonly { readonly field: FacetField /** Buckets, 1 to 1000. */; readonly size: number }[];
  readonly highlight: boolean;
}

export interface SearchHit {
  readonly record: DatasetRecord;
  readonly cursor: string;
  /** BM25 score, comparable within one answer only; 0 when text is empty or sort is ID. */
  readonly score: number;
  /** Fragments of plain text in which matches stand between \u0002 and \u0003 (STX, ETX), so that any front end can escape first and mark after. */
  readonly highlights: readonly {
    readonly field: 'title' | 'description' | 'subject' | 'creator';
    readonly fragments: readonly string[];
  }[];
}

export interface FacetResult {
  readonly field: FacetField;
  /** Most frequent first, ties by value. */
  readonly buckets: readonly { readonly value: string; readonly count: number }[];
  /** Matches whose values are all outside `buckets` or that have more of them: sum of counts not shown. */
  readonly otherCount: number;
  /** Matches without a value. */
  readonly missingCount: number;
}

export interface SearchResult {
  readonly hits: readonly SearchHit[];
  /** Exact number of matches. */
  readonly totalCount: number;
  readonly hasNextPage: boolean;
  readonly facets: readonly FacetResult[];
}

export interface IndexChange {
  readonly upserts: readonly DatasetRecord[];
  readonly deletes: readonly DatasetId[];
}

/** How long a relevance cursor keeps working while records come and go. */
export const RELEVANCE_CURSOR_LIFETIME_MS = 15 * 60_000;

/**
 * A text index over dataset records. Implementations MUST make a change visible whole or not at all, MUST keep a
 * relevance cursor valid for RELEVANCE_CURSOR_LIFETIME_MS (then CURSOR_EXPIRED) without skipping or repeating a
 * record that was there throughout, and MUST resume an ID cursor for ever.
 */
export interface SearchIndex {
  readonly supports: SearchSupports;
  /** Applies the change and returns when it is durable and visible. Idempotent. */
  apply(change: IndexChange, call: Call): Promise<void>;
  /** @throws BAD_CURSOR, CURSOR_EXPIRED, LIMIT_EXCEEDED */
  search(request: SearchRequest, call: Call): Promise<SearchResult>;
  /** One entry for each id, in order; undefined where there is no such record. */
  readDatasets(ids: readonly DatasetId[], call: Call): Promise<(DatasetRecord | undefined)[]>;
  /** Records per repository id. */
  countByRepository(call: Call): Promise<ReadonlyMap<string, number>>;
  /** Every id of one repository, in code-unit order. */
  listIds(repository: string, call: Call): AsyncIterable<DatasetId>;
  close(): Promise<void>;
}
