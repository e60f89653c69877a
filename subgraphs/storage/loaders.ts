import DataLoader from 'dataloader';
import type { ChunksUsage } from '../../adapters/chunks/contract.js';
import type { Swarm, SwarmPeer } from '../../adapters/swarm/swarm.js';
import { type Call, endCall, limitCall } from '../../core/call.js';
import type { DatasetId } from '../../core/ids.js';
import type { Holding, Holdings } from './holdings.js';

/** One look-up each per request, however many fields ask. */
export interface Loaders {
  /** Undefined when no peer holds it. */
  readonly holdings: DataLoader<DatasetId, Holding | undefined>;
  /** Undefined when the peer does not answer. */
  readonly usage: DataLoader<string, ChunksUsage | undefined>;
  /** All peers, read once. */
  listPeers(): Promise<readonly SwarmPeer[]>;
}

/** How long a peer may take to say how it is, in milliseconds. */
const USAGE_TIMEOUT_MS = 2000;

export function createLoaders(swarm: Swarm, holdings: Holdings, call: Call): Loaders {
  let listed: Promise<readonly SwarmPeer[]> | undefined;
  const listPeers = () =>
    (listed ??= swarm.listPeers(call).then((peers) => peers.toSorted((left, right) => (left.id < right.id ? -1 : 1))));
  return {
    holdings: new DataLoader((ids) =>
      Promise.all(
        ids.map((id) =>
          holdings.find(id, call).catch((error: unknown) => (error instanceof Error ? error : undefined)),
        ),
      ),
    ),
    usage: new DataLoader(async (ids) => {
      const byId = new Map((await listPeers()).map((peer) => [peer.id, peer]));
      const own = limitCall(call, USAGE_TIMEOUT_MS);
      const usages = await Promise.all(
        ids.map(async (id) =>
          byId
            .get(id)
            ?.connection.readUsage(own)
            .catch(() => undefined),
        ),
      );
      endCall(own);
      return usages;
    }),
    listPeers,
  };
}
