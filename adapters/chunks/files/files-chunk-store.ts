import { join } from 'node:path';
import { assertActive } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import type { ChunkId } from '../../../core/ids.js';
import { hexBlake3 } from '../../../core/node-hashes.js';
import { createStorageQuota, type StorageQuota, verifyChunk } from '../chunk-checks.js';
import type { ChunkStore } from '../contract.js';
import { type ChunkFolder, openChunkFolder } from './chunk-folder.js';
import { type ChunkIndex, openChunkIndex } from './chunk-index.js';
import { countDiskRoom, type DiskFigures, readDiskFigures } from './disk-room.js';
import { createGroupCommit } from './group-commit.js';
import { createKeyedLock } from './keyed-lock.js';
import { type Reconciliation, reconcile } from './reconcile.js';

export interface FilesChunkStoreOptions {
  /** Folder of its own; made when absent. One process at a time. */
  readonly dir: string;
  /** Bytes of chunks kept at most; absent = the disk decides. */
  readonly quotaBytes?: number | undefined;
  /** What the disk of a folder says of itself; the system is asked when absent. */
  readonly readDisk?: ((dir: string) => Promise<DiskFigures>) | undefined;
}

export interface FilesChunkStore extends ChunkStore {
  /** What was put right at open; undefined when the store had been closed in order. */
  readonly reconciliation: Reconciliation | undefined;
}

/** Ids looked up before other work gets a turn. */
const LOOKUPS_PER_TURN = 4096;

/**
 * Chunks as files, with an index in LMDB. A chunk's bytes are synced under a temporary name, renamed, its folder is
 * synced, then it enters the index: what the index names is whole, and what a crash left is put right at the next open.
 * Chunks that are written at the same time share the syncs of folders and index.
 */
export async function createFilesChunkStore(options: FilesChunkStoreOptions): Promise<FilesChunkStore> {
  const folder = await openChunkFolder(options.dir);
  const index = openChunkIndex(join(options.dir, 'index'));
  const totals = await index.takeTotals();
  const reconciliation = totals === undefined ? await reconcile(folder, index) : undefined;
  const quota = createStorageQuota(options.quotaBytes, totals ?? reconciliation);
  const readRoom = async () => countDiskRoom(await (options.readDisk ?? readDiskFigures)(options.dir));
  return createStore(folder, index, quota, readRoom, reconciliation);
}

function createStore(
  folder: ChunkFolder,
  index: ChunkIndex,
  quota: StorageQuota,
  readRoom: () => Promise<number | null>,
  reconciliation: Reconciliation | undefined,
): FilesChunkStore {
  const lock = createKeyedLock();
  const commit = createGroupCommit<{ id: ChunkId; temporary: string; sizeBytes: number }>(async (files) => {
    await folder.publish(files);
    await index.add(files);
  });
  let closing: Promise<void> | undefined;

  const store = async (id: ChunkId, bytes: Uint8Array): Promise<void> => {
    quota.reserve(bytes.length);
    try {
      const temporary = await folder.writeTemporary(bytes);
      try {
        await commit({ id, temporary, sizeBytes: bytes.length });
      } catch (error) {
        await folder.removeTemporary(temporary);
        if (index.readSize(id) === undefined) await folder.remove(id);
        throw error;
      }
    } catch (error) {
      quota.release(bytes.length);
      throw translate(error);
    }
    quota.commit(bytes.length);
  };

  const forget = async (id: ChunkId, sizeBytes: number): Promise<void> => {
    await index.remove(id);
    quota.remove(sizeBytes);
  };

  /** Reads again under the lock, so that a chunk that is replaced meanwhile is not taken for a damaged one. */
  const discardDamaged = (id: ChunkId): Promise<boolean> =>
    lock(id, async () => {
      const sizeBytes = index.readSize(id);
      if (sizeBytes === undefined) return false;
      const bytes = await readOrUndefined(folder, id, sizeBytes);
      if (bytes !== undefined && hexBlake3(bytes) === id) return false;
      await forget(id, sizeBytes);
      await folder.moveAside(id);
      return true;
    });

  return {
    supports: { persistent: true },
    reconciliation,
    write: async (id, bytes, call) => {
      assertActive(call);
      verifyChunk(id, bytes);
      return lock(id, async () => {
        if (index.readSize(id) !== undefined) return false;
        await store(id, bytes);
        return true;
      });
    },
    read: async (id, call) => {
      assertActive(call);
      for (;;) {
        const sizeBytes = index.readSize(id);
        if (sizeBytes === undefined) throw new SciclomaticError('NOT_FOUND', `Chunk ${id} is not held`);
        const bytes = await readOrUndefined(folder, id, sizeBytes);
        if (bytes !== undefined && hexBlake3(bytes) === id) return bytes;
        if (await discardDamaged(id)) {
          throw new SciclomaticError('CHECKSUM_MISMATCH', `The stored bytes of chunk ${id} are damaged; moved aside`);
        }
      }
    },
    has: async (ids, call) => {
      const held: boolean[] = [];
      for (const id of ids) {
        if (held.length % LOOKUPS_PER_TURN === LOOKUPS_PER_TURN - 1) await new Promise(setImmediate);
        assertActive(call);
        held.push(index.readSize(id) !== undefined);
      }
      return held;
    },
    delete: async (id, call) => {
      assertActive(call);
      return lock(id, async () => {
        const sizeBytes = index.readSize(id);
        if (sizeBytes === undefined) return undefined;
        // Index first: a crash between the two leaves a file that the next open finds, never a name without bytes.
        await forget(id, sizeBytes);
        await folder.remove(id);
        return sizeBytes;
      });
    },
    list: async function* (call) {
      let after: ChunkId | undefined;
      for (;;) {
        const page = takeIds(index, after, LOOKUPS_PER_TURN);
        for (const id of page) {
          assertActive(call);
          yield id;
        }
        if (page.length < LOOKUPS_PER_TURN) return;
        after = page.at(-1);
      }
    },
    readUsage: async () => {
      const roomBytes = await readRoom();
      const { chunkCount, storedBytes, freeBytes } = quota;
      return { chunkCount, storedBytes, freeBytes: lesser(freeBytes, roomBytes) };
    },
    close: () =>
      (closing ??= lock
        .drain()
        .then(() => index.close({ chunkCount: quota.chunkCount, storedBytes: quota.storedBytes }))),
  };
}

/** Null is no limit. */
const lesser = (left: number | null, right: number | null): number | null =>
  left === null || right === null ? (left ?? right) : Math.min(left, right);

/** Ids after one, in order. Pages, because an open LMDB cursor would keep old pages of the index alive. */
function takeIds(index: ChunkIndex, after: ChunkId | undefined, count: number): ChunkId[] {
  const ids: ChunkId[] = [];
  for (const { id } of index.list(after)) {
    if (id === after) continue;
    ids.push(id);
    if (ids.length === count) break;
  }
  return ids;
}

/** A sector that cannot be read is damage like any other. */
async function readOrUndefined(folder: ChunkFolder, id: ChunkId, sizeBytes: number): Promise<Buffer | undefined> {
  try {
    return await folder.read(id, sizeBytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EIO') return undefined;
    throw SciclomaticError.from(error);
  }
}

/** LMDB reports a full disk by number or by text. */
function translate(error: unknown): SciclomaticError {
  if (error instanceof Error && /ENOSPC|no space left|MDB_MAP_FULL/i.test(error.message)) {
    return new SciclomaticError('STORAGE_FULL', 'The disk of this peer is full', { cause: error });
  }
  return SciclomaticError.from(error);
}
