import type { ChunkId } from '../../../core/ids.js';
import { hexBlake3 } from '../../../core/node-hashes.js';
import { MAX_CHUNK_BYTES } from '../contract.js';
import type { ChunkFolder } from './chunk-folder.js';
import type { ChunkIndex, IndexTotals } from './chunk-index.js';

export interface Reconciliation extends IndexTotals {
  /** Files that were complete but not in the index: now they are. */
  readonly adopted: number;
  /** Entries of the index whose file is gone: now they are gone too. */
  readonly forgotten: number;
  /** Files whose bytes do not hash to their name, moved aside. */
  readonly damaged: number;
}

/**
 * Brings folder and index together after a crash. Compares names only and reads no bytes but those of files that the
 * index does not know; of these a crash leaves at most what was being written. A lost index is rebuilt the same way.
 */
export async function reconcile(folder: ChunkFolder, index: ChunkIndex): Promise<Reconciliation> {
  await folder.clearTemporary();
  const outcome = { adopted: 0, forgotten: 0, damaged: 0, chunkCount: 0, storedBytes: 0 };
  const forget = async (ids: Iterable<ChunkId>) => {
    for (const id of ids) {
      await index.remove(id);
      outcome.forgotten += 1;
    }
  };
  let next: ChunkId | undefined;
  for await (const { prefix, names } of folder.listFolders()) {
    const start = prefix.padEnd(64, '0') as ChunkId;
    // What the index has between the folder before and this one stands in folders that do not exist.
    await forget([...index.list(next, start)].map(({ id }) => id));
    next = followingPrefix(prefix);
    const indexed = new Map([...index.list(start, next)].map(({ id, sizeBytes }) => [id, sizeBytes]));
    for (const name of names as readonly ChunkId[]) {
      const sizeBytes = indexed.get(name) ?? (await adopt(name, folder, index));
      if (sizeBytes === undefined) {
        outcome.damaged += 1;
        continue;
      }
      if (!indexed.delete(name)) outcome.adopted += 1;
      outcome.chunkCount += 1;
      outcome.storedBytes += sizeBytes;
    }
    await forget(indexed.keys());
    if (next === undefined) return outcome;
  }
  await forget([...index.list(next)].map(({ id }) => id));
  return outcome;
}

/** First id after the folder; undefined after `ffff`. */
function followingPrefix(prefix: string): ChunkId | undefined {
  const following = Number.parseInt(prefix, 16) + 1;
  return following > 0xffff ? undefined : (following.toString(16).padStart(4, '0').padEnd(64, '0') as ChunkId);
}

async function adopt(id: ChunkId, folder: ChunkFolder, index: ChunkIndex): Promise<number | undefined> {
  const bytes = await folder.read(id, MAX_CHUNK_BYTES);
  if (bytes === undefined || hexBlake3(bytes) !== id) {
    await folder.moveAside(id);
    return undefined;
  }
  await index.add([{ id, sizeBytes: bytes.length }]);
  return bytes.length;
}
