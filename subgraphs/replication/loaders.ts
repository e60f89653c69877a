import DataLoader from 'dataloader';
import type { ShownHealth } from './health-view.js';
import type { Replication } from './replication.js';

/** Batches what one request asks. */
export interface Loaders {
  /** Health by dataset id; null when the swarm does not hold it. */
  readonly health: DataLoader<string, ShownHealth | null>;
}

export function createLoaders(replication: Replication): Loaders {
  return { health: new DataLoader((ids) => replication.readHealth(ids)) };
}
