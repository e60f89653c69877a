import type { SwarmPeer } from '../../adapters/swarm/swarm.js';
import type { DatasetId } from '../../core/ids.js';
import type { TransferJobRecord } from './transfer-jobs.js';

/** What resolvers of the mapped types receive. */
export interface DatasetParent {
  readonly id: DatasetId;
}

export interface FileParent {
  readonly datasetId: DatasetId;
  readonly path: string;
  readonly sourceUrl: string | null;
}

export type PeerParent = Pick<SwarmPeer, 'id' | 'institutionId' | 'address'>;

export type TransferJobParent = TransferJobRecord;
