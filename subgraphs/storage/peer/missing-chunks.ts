import type { ChunkStore } from '../../../adapters/chunks/contract.js';
import type { Call } from '../../../core/call.js';
import type { ChunkId } from '../../../core/ids.js';
import type { Manifest } from '../../../formats/manifest.js';

/** The chunks of a manifest, each once, in the order of its files. */
export function listChunkIds(manifest: Manifest): ChunkId[] {
  return [...new Set(manifest.files.flatMap((file) => file.chunkIds as readonly ChunkId[]))];
}

/** Those that the store does not hold, in the same order. */
export async function listMissingChunks(chunks: ChunkStore, ids: readonly ChunkId[], call: Call): Promise<ChunkId[]> {
  const held = await chunks.has(ids, call);
  return ids.filter((_, position) => !held[position]);
}
