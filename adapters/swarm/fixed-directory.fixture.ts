import type { InstitutionId } from '../../core/ids.js';
import type { Directory, DirectoryEntry, DirectoryState } from '../directory.js';

export interface FixedPeer {
  readonly id: string;
  readonly address: string;
  readonly institution?: string;
  readonly state?: DirectoryState;
}

/** For tests: a directory that always says the same; what is pushed to the list is seen at once. */
export function createFixedDirectory(peers: readonly FixedPeer[]): Directory {
  return {
    listAdapters: async (kind) =>
      kind === 'STORAGE_PEER' ? peers.map(describePeer).sort((left, right) => (left.id < right.id ? -1 : 1)) : [],
    close: async () => undefined,
  };
}

function describePeer({ id, address, institution, state }: FixedPeer): DirectoryEntry {
  const name = institution ?? `${id}-institution`;
  return {
    id,
    kind: 'STORAGE_PEER',
    institution: { id: name as InstitutionId, name, publicKey: new Uint8Array() },
    address,
    supports: ['persistent'],
    name: id,
    description: '',
    state: state ?? 'HEALTHY',
    reason: '',
    lastSeenAtMs: 0,
  };
}
