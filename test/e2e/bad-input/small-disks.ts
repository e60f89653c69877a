import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILT_CLI, type RunningCommand, startCommand } from '../../child-process.js';
import { OWN_MOUNTS } from '../../small-disk.js';

/** Disks of a few megabytes that really run full: tmpfs mounts that only the programs started here see. */
export interface SmallDisks {
  /** `sc` with the disks mounted below the folder. */
  startSc(parameters: readonly string[], environment: Readonly<Record<string, string>>): RunningCommand;
  /** Takes all the space that is left; `.` is the disk of the folder itself. */
  fill(...disks: readonly string[]): Promise<void>;
  /** Gives it back. */
  free(...disks: readonly string[]): Promise<void>;
  /** Paths of all files below a folder of the disks, sorted. */
  listFiles(folder: string): Promise<string[]>;
  /** Unmounts them; what was on them is gone. */
  close(): Promise<void>;
}

const FILLER = 'filler';
/** Bytes of one write of the filler; at the end single pages, so that not one is left. */
const LARGE_WRITE_BYTES = 1024 * 1024;
const PAGE_BYTES = 4096;

/**
 * Mounts the disks.
 * @param folder where they are seen by the programs started through them; to others it stays empty
 * @param sizesMib disk → its size; `.` is the folder itself, the others are folders below it
 */
export async function mountSmallDisks(folder: string, sizesMib: Readonly<Record<string, number>>): Promise<SmallDisks> {
  const mounts = Object.entries(sizesMib).map(
    ([disk, size]) => `mkdir -p "$1/${disk}" && mount -t tmpfs -o size=${size}m,mode=755 tmpfs "$1/${disk}"`,
  );
  // The mounts live as long as a program of their namespace: this one waits for ever.
  const script = [...mounts, 'echo mounted', 'exec tail -f /dev/null'].join(' && ');
  const keeper = startCommand('unshare', [...OWN_MOUNTS, 'sh', '-c', script, 'sh', folder]);
  await keeper.waitForLine((line) => line === 'mounted');
  const keeperId = String(keeper.child.pid);
  const view = (...parts: readonly string[]) => join('/proc', keeperId, 'root', folder, ...parts);
  return {
    startSc: (parameters, environment) => {
      const enter = ['--target', keeperId, '--user', '--mount', '--preserve-credentials'];
      return startCommand('nsenter', [...enter, process.execPath, BUILT_CLI, ...parameters], { env: environment });
    },
    fill: async (...disks) => {
      for (const disk of disks) await writeUntilFull(view(disk, FILLER));
    },
    free: async (...disks) => {
      for (const disk of disks) await rm(view(disk, FILLER), { force: true });
    },
    listFiles: async (below) => {
      const entries = await readdir(view(below), { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile() && entry.name !== FILLER);
      return files.map((file) => join(file.parentPath, file.name).slice(view(below).length + 1)).sort();
    },
    close: async () => {
      await keeper.end('SIGKILL');
    },
  };
}

async function writeUntilFull(path: string): Promise<void> {
  const file = await open(path, 'a');
  try {
    for (const size of [LARGE_WRITE_BYTES, PAGE_BYTES]) {
      try {
        for (;;) await file.appendFile(Buffer.alloc(size, 'full'));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    await file.close();
  }
}
