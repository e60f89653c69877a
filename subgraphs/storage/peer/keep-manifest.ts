import type { ChunkStore } from '../../../adapters/chunks/contract.js';
import type { Call } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import type { SignedManifest } from '../../../formats/signed-manifest.js';
import type { ChunkCollector } from './chunk-collector.js';
import type { ManifestStore } from './manifest-store.js';
import { listChunkIds, listMissingChunks } from './missing-chunks.js';

/** What a peer keeps. */
export interface PeerStores {
  readonly manifests: ManifestStore;
  readonly chunks: ChunkStore;
  /** See ChunkCollector. */
  readonly hold: ChunkCollector['hold'];
}

/** Keeps a verified manifest once every chunk that it names is held. @throws CONFLICT naming how many are missing */
export async function keepManifest(
  { chunks, manifests, hold }: PeerStores,
  signed: SignedManifest,
  call: Call,
): Promise<boolean> {
  const ids = listChunkIds(signed.manifest);
  const release = hold(ids);
  try {
    const missing = await listMissingChunks(chunks, ids, call);
    if (missing.length > 0) {
      throw new SciclomaticError(
        'CONFLICT',
        `Manifest ${signed.hash} names ${missing.length} chunks that are not held, the first ${missing[0] ?? ''}`,
      );
    }
    return await manifests.write(signed);
  } finally {
    release();
  }
}
