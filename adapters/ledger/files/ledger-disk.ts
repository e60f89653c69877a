import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '../../../core/durable-file.js';

/** The few steps by which a log touches its folder; tests pass one that fails. Paths are relative, `/` between parts. */
export interface LedgerDisk {
  /** Undefined when there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Puts a whole file in place: its bytes are on disk, its name only once `syncNames` has been told of it. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** Makes the names of these files last. */
  syncNames(paths: readonly string[]): Promise<void>;
  hasFolder(path: string): Promise<boolean>;
  removeFolder(path: string): Promise<void>;
}

/** Half-written files live here, and are dropped at the next start. */
const INCOMING = 'incoming';

/** Only reads; for a folder that another process may be writing to. */
export const createNodeReader = (dir: string): Pick<LedgerDisk, 'read'> => ({
  read: async (path) => {
    try {
      return await readFile(join(dir, path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  },
});

/** A folder on a local disk; it is created, and what a killed process left half written is removed. */
export async function createNodeDisk(dir: string): Promise<LedgerDisk> {
  await rm(join(dir, INCOMING), { recursive: true, force: true });
  await mkdir(join(dir, INCOMING), { recursive: true });
  /** Folders below `dir` whose own names are known to last. */
  const lasting = new Set<string>();
  return {
    ...createNodeReader(dir),
    write: async (path, bytes) => {
      const temporary = join(dir, INCOMING, randomUUID());
      try {
        const file = await open(temporary, 'wx');
        try {
          await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        await mkdir(dirname(join(dir, path)), { recursive: true });
        await rename(temporary, join(dir, path));
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
    syncNames: async (paths) => {
      const changed = new Set<string>();
      for (const path of paths) {
        let folder = dirname(path);
        changed.add(folder);
        while (folder !== '.' && !lasting.has(folder)) {
          lasting.add(folder);
          folder = dirname(folder);
          changed.add(folder);
        }
      }
      try {
        await Promise.all([...changed].map((folder) => syncFolder(join(dir, folder))));
      } catch (error) {
        lasting.clear();
        throw error;
      }
    },
    hasFolder: async (path) => (await stat(join(dir, path)).catch(() => undefined))?.isDirectory() ?? false,
    removeFolder: async (path) => {
      // A folder that was made again later must be synced again.
      lasting.delete(path);
      await rm(join(dir, path), { recursive: true, force: true });
    },
  };
}
