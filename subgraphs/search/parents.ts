import type { DatasetRecord, FileRecord } from '../../formats/dataset-record.js';
import type { SourceStatus } from './catalogue.js';
import type { HarvestJobRecord } from './harvest-jobs.js';

/** What resolvers of the mapped types receive. A reference holds the id only; the loader brings the rest. */
export type DatasetParent = DatasetRecord;

export interface FileParent {
  readonly datasetId: string;
  readonly file: FileRecord;
}

export interface RepositoryParent {
  readonly id: string;
}

export type HarvestJobParent = HarvestJobRecord;

export type SearchSourceParent = SourceStatus;
