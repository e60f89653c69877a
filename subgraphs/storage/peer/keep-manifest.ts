import type { ChunkStore } from '../../../adapters/chunks/contract.js';
import type { Call } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import type { SignedManifest } from '../../../formats/signed-manifest.js';
import type { ManifestStore } from './manifest-store.js';
import { listChunkIds, listMissingChunks } from './missing-chunks.js';

/** What a peer keeps. */
export interface PeerStores {
  readonly manifests: ManifestStore;
  readonly chunks: ChunkStore;
}

/** Keeps a verified manifest once every chunk that it names is held. @throws CONFLICT naming how many are missing */
export async function keepManifest(
  { chunks, manifests }: PeerStores,
  signed: SignedManifest,
  call: Call,
): Promise<boolean> {
  const missing = await listMissingChunks(chunks, listChunkIds(signed.manifest), call);
  if (missing.length > 0) {
    throw new SciclomaticError(
      'CONFLICT',
      `Manifest ${signed.hash} names ${missing.length} chunks that are not held, the first ${missing[0] ?? ''}`,
    );
  }
  return manifests.write(signed);
}
