import type { Call } from '../../core/call.js';
import type { RepositoryId } from '../../core/ids.js';
import type { DatasetRecord } from '../../formats/dataset-record.js';

/** What a repository adapter can do: shown to users, and what decides which conformance cases run. */
export interface RepositorySupports {
  /** `listDatasets` accepts a cursor of an earlier run and yields only what changed since. */
  readonly incremental: boolean;
  /** Withdrawn datasets are told as deletions. */
  readonly deletions: boolean;
  /** Records list their files. */
  readonly files: boolean;
  /** `openFile` gives the bytes. */
  readonly fileBytes: boolean;
  /** `openFile` accepts an offset above 0 and a length. */
  readonly ranges: boolean;
}

export interface RepositoryDescription {
  readonly id: RepositoryId;
  /** For people, e.g. `Zenodo`. */
  readonly name: string;
  readonly description: string;
  readonly homepageUrl?: string | undefined;
}

/** Why one record of a source could not be read; the others stand. */
export interface RecordProblem {
  /** The source's own name of it: a file name, an OAI identifier. */
  readonly localId: string;
  readonly message: string;
}

export interface DatasetBatch {
  /** At most MAX_BATCH_RECORDS, and MAX_BATCH_BYTES together (batch-limits.ts); one alone may be larger. */
  readonly records: readonly DatasetRecord[];
  /** Local ids withdrawn at the source. */
  readonly deletedLocalIds: readonly string[];
  readonly problems: readonly RecordProblem[];
  /** Resumes after this batch, also in a later process. Opaque, at most 64 KiB. */
  readonly cursor: string;
}

export interface FileRange {
  /** First byte, counted from 0. */
  readonly offset: number;
  /** Bytes wanted; undefined = to the end. */
  readonly length?: number | undefined;
}

/**
 * A place where datasets are. Implementations MUST yield each dataset at most once in one full listing, MUST give ids
 * that stay the same for ever, and MUST translate foreign failures: SOURCE_UNAVAILABLE, SOURCE_INVALID_ANSWER,
 * RATE_LIMITED. Callers MUST NOT use an adapter after close.
 */
export interface RepositoryAdapter {
  readonly id: RepositoryId;
  readonly supports: RepositorySupports;
  describe(call: Call): Promise<RepositoryDescription>;
  /** Every dataset, in batches of bounded size; after a cursor, what follows it. @throws BAD_CURSOR */
  listDatasets(after: string | undefined, call: Call): AsyncIterable<DatasetBatch>;
  /** @throws NOT_FOUND */
  readDataset(localId: string, call: Call): Promise<DatasetRecord>;
  /** The file's bytes in order, in pieces of at most 1 MiB. @throws NOT_FOUND, UNSUPPORTED, BAD_INPUT for a range outside the file */
  openFile(localId: string, path: string, range: FileRange, call: Call): Promise<AsyncIterable<Uint8Array>>;
  /** Frees sockets and files. MAY be called twice. */
  close(): Promise<void>;
}
