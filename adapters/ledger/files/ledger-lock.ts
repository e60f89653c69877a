import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SciclomaticError } from '../../../core/errors.js';

/** Keeps a second process from appending to the same log: two writers would sign two histories. */
export interface LedgerLock {
  /** @throws CONFLICT when another process has taken the log since */
  assertHeld(): Promise<void>;
  release(): Promise<void>;
}

const LOCK = 'lock';

interface Owner {
  readonly id: string;
  readonly pid: number;
  /** Clock ticks from boot to the start of the process, where the system tells; a reused pid has another. */
  readonly startTicks: string | null;
}

/**
 * Takes the folder, also from an owner that is dead. Works between processes that see each other's pids; containers that
 * share a folder but not their pids are told apart only by `assertHeld`, before each batch.
 * @throws CONFLICT when a living process owns it
 */
export async function lockLedger(dir: string): Promise<LedgerLock> {
  await mkdir(dir, { recursive: true });
  const path = join(dir, LOCK);
  const previous = await readOwner(path);
  if (previous !== undefined && (await isAlive(previous))) {
    throw new SciclomaticError('CONFLICT', `The log in ${dir} is open in process ${previous.pid}`);
  }
  const owner: Owner = { id: randomUUID(), pid: process.pid, startTicks: await readStartTicks(process.pid) };
  const temporary = `${path}.${owner.id}`;
  await writeFile(temporary, JSON.stringify(owner), { flag: 'wx' });
  await rename(temporary, path);
  const lock: LedgerLock = {
    assertHeld: async () => {
      if ((await readOwner(path))?.id !== owner.id) {
        throw new SciclomaticError('CONFLICT', `The log in ${dir} was taken by another process`);
      }
    },
    release: async () => {
      if ((await readOwner(path))?.id === owner.id) await rm(path, { force: true });
    },
  };
  await lock.assertHeld();
  return lock;
}

async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as Partial<Owner> | null;
    if (typeof value?.id !== 'string' || typeof value.pid !== 'number') return undefined;
    return { id: value.id, pid: value.pid, startTicks: value.startTicks ?? null };
  } catch (error) {
    // A lock that cannot be parsed was cut short by a power failure: its owner is gone.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function isAlive(owner: Owner): Promise<boolean> {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it lives, under another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const startTicks = await readStartTicks(owner.pid);
  return startTicks === null || owner.startTicks === null || startTicks === owner.startTicks;
}

/** Field 22 of /proc/<pid>/stat (proc(5)); null where there is no /proc. */
async function readStartTicks(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
