import type { ManifestHash } from '../../../core/ids.js';
import type { ListPosition } from '../../swarm/peer-connection.js';
import type { SwarmPosition } from './swarm-cursor.js';

/** Where each peer's list names a manifest, as far as this process has read the lists. */
export interface SeenManifests {
  note(peerId: string, hash: ManifestHash, place: ListPosition): void;
  /** True when another peer's list names it at or before the position: whoever has that position knows it already. */
  isKnownAt(position: SwarmPosition, peerId: string, hash: ManifestHash): boolean;
}

/** Manifests remembered; what is forgotten is told again, which does no harm. */
const MAX_REMEMBERED = 200_000;

/**
 * Copies make a manifest appear in one peer's list after the other. Told once, it need not be told again to a reader whose
 * position shows that it was there; forgetting and restarts only lead to repetition, never to a loss.
 */
export function createSeenManifests(): SeenManifests {
  const seen = new Map<ManifestHash, Map<string, ListPosition>>();
  return {
    note: (peerId, hash, place) => {
      const places = seen.get(hash) ?? new Map<string, ListPosition>();
      places.set(peerId, place);
      seen.set(hash, places);
      for (const oldest of seen.keys()) {
        if (seen.size <= MAX_REMEMBERED) return;
        seen.delete(oldest);
      }
    },
    isKnownAt: (position, peerId, hash) =>
      [...(seen.get(hash) ?? [])].some(([id, { epoch, sequence }]) => {
        const reached = position[id];
        return id !== peerId && reached?.epoch === epoch && sequence <= reached.sequence;
      }),
  };
}
