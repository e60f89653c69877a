import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '../../../core/durable-file.js';
import { SciclomaticError } from '../../../core/errors.js';
import type { ChunkId } from '../../../core/ids.js';

/**
 * The files of a chunk store: `chunks/ab/cd/<id>`, two levels of 256 folders so that no folder grows large; `incoming/`
 * for what is being written; `damaged/` for what no longer hashed to its name, kept for whoever looks into the cause.
 */
export interface ChunkFolder {
  /** Writes the bytes under a temporary name; on disk when it resolves. Leaves nothing when it throws. */
  writeTemporary(bytes: Uint8Array): Promise<string>;
  removeTemporary(temporary: string): Promise<void>;
  /** Gives temporary files their names; the names are on disk when it resolves. */
  publish(files: readonly { readonly temporary: string; readonly id: ChunkId }[]): Promise<void>;
  /**
   * The file's bytes, at most `sizeBytes` of them: knowing the size saves two calls of the system. Undefined when there is
   * no such file.
   */
  read(id: ChunkId, sizeBytes: number): Promise<Buffer | undefined>;
  remove(id: ChunkId): Promise<void>;
  /** Takes a damaged file out of the way. */
  moveAside(id: ChunkId): Promise<void>;
  clearTemporary(): Promise<void>;
  /** Names in each of the folders that exist, with the range of ids that it covers, in order. */
  listFolders(): AsyncIterable<{ readonly prefix: string; readonly names: readonly string[] }>;
}

const HEX_PAIR = /^[0-9a-f]{2}$/;

export async function openChunkFolder(dir: string): Promise<ChunkFolder> {
  const root = join(dir, 'chunks');
  const incoming = join(dir, 'incoming');
  const damaged = join(dir, 'damaged');
  for (const folder of [root, incoming, damaged]) await mkdir(folder, { recursive: true });
  await syncFolder(dir);
  const pathOf = (id: ChunkId): string => join(root, id.slice(0, 2), id.slice(2, 4), id);
  // Kept across calls: what a failed one changed, the next one syncs.
  const unsynced = new Set<string>();
  const removeTemporary = (temporary: string): Promise<void> => rm(temporary, { force: true });

  return {
    writeTemporary: async (bytes) => {
      const temporary = join(incoming, randomUUID());
      try {
        const file = await open(temporary, 'wx', 0o644);
        try {
          await file.writeFile(bytes);
          await file.datasync();
        } finally {
          await file.close();
        }
      } catch (error) {
        await removeTemporary(temporary);
        throw error;
      }
      return temporary;
    },
    removeTemporary,
    publish: async (files) => {
      const outcomes = await Promise.allSettled(
        files.map(async ({ temporary, id }) => {
          const path = pathOf(id);
          const inner = dirname(path);
          const outer = dirname(inner);
          // A folder that is new must itself be named durably. One level at a time: a recursive mkdir hides a full disk.
          if (await createFolder(outer)) unsynced.add(root);
          if (await createFolder(inner)) unsynced.add(outer);
          await rename(temporary, path);
          unsynced.add(inner);
        }),
      );
      // Judged when all are over, so that nothing appears after the caller has cleaned up.
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw SciclomaticError.from(outcome.reason);
      const folders = [...unsynced];
      await Promise.all(folders.map(syncFolder));
      for (const folder of folders) unsynced.delete(folder);
    },
    read: async (id, sizeBytes) => {
      const file = await open(pathOf(id), 'r').catch(undefinedWhenAbsent);
      if (file === undefined) return undefined;
      try {
        const buffer = Buffer.allocUnsafeSlow(sizeBytes);
        let filled = 0;
        // A read may give less than asked for; nothing at all means the end.
        for (let bytesRead = 1; filled < sizeBytes && bytesRead > 0; filled += bytesRead) {
          ({ bytesRead } = await file.read(buffer, filled, sizeBytes - filled, filled));
        }
        return buffer.subarray(0, filled);
      } finally {
        await file.close();
      }
    },
    remove: (id) => rm(pathOf(id), { force: true }),
    moveAside: async (id) => {
      await rename(pathOf(id), join(damaged, `${id}.${randomUUID()}`)).catch(undefinedWhenAbsent);
    },
    clearTemporary: async () => {
      for (const name of await readdir(incoming)) await removeTemporary(join(incoming, name));
    },
    listFolders: async function* () {
      for (const first of await listHexPairs(root)) {
        for (const second of await listHexPairs(join(root, first))) {
          yield { prefix: first + second, names: (await readdir(join(root, first, second))).sort() };
        }
      }
    },
  };
}

/** False when it was there. */
async function createFolder(dir: string): Promise<boolean> {
  try {
    await mkdir(dir);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

async function listHexPairs(dir: string): Promise<string[]> {
  return (await readdir(dir)).filter((name) => HEX_PAIR.test(name)).sort();
}

function undefinedWhenAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}
