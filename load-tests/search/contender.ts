import type { DatasetRecord } from '../../formats/dataset-record.js';
import type { CorpusQuery } from './generate-corpus.js';

/** What the answer to a search must have: text, a filter, three facets, ten whole records. */
export interface ContenderAnswer {
  readonly totalCount: number;
  /** Counts of the year facet, which ignores a filter by year. */
  readonly years: ReadonlyMap<string, number>;
  readonly topRecords: readonly DatasetRecord[];
}

/** A search engine under test, in a process and a folder of its own. */
export interface Contender {
  /** Takes a batch of records that it has not seen. */
  add(records: readonly DatasetRecord[]): Promise<void>;
  /** After the last batch: builds what is built at the end, and puts all of it on disk. */
  finish(): Promise<void>;
  /** Also counts the ten most frequent subjects and creators, which nobody checks but everybody pays for. */
  search(query: CorpusQuery): Promise<ContenderAnswer>;
  close(): Promise<void>;
}

export const yearOf = (record: DatasetRecord): string => (record.publishedAt ?? '').slice(0, 4);
