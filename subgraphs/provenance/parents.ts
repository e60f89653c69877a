import type { ProvenanceEntry } from '../../formats/provenance-entry.js';

/** An entity reference: its id as the caller wrote it. */
export interface DatasetParent {
  readonly id: string;
}

export interface ProvenanceParent {
  readonly datasetId: string;
}

/** One entry of the log, read from the log itself. */
export interface ProvenanceRecordParent {
  readonly entryIndex: number;
  /** The signed bytes. */
  readonly bytes: Uint8Array;
  readonly entry: ProvenanceEntry;
}
