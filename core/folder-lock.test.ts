import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FolderLock, lockFolder } from './folder-lock.js';
import { silentLogger } from './log.js';

async function lockInAnotherProcess(dir: string): Promise<ChildProcess> {
  const script = join(import.meta.dirname, 'lock-folder.fixture.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, dir], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

async function killAtOnce(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

describe('the lock of a folder', () => {
  let dir: string;
  const open: FolderLock[] = [];
  const lock = async (folder = dir): Promise<FolderLock> => {
    const taken = await lockFolder(folder, silentLogger);
    open.push(taken);
    return taken;
  };
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'lock-'));
  });
  afterEach(async () => {
    for (const one of open.splice(0)) await one.release();
    await rm(dir, { recursive: true, force: true });
  });

  it('is had once, and again when it was released, and leaves nothing behind', async () => {
    const first = await lock();
    await expect(lock()).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining(dir) });
    await first.release();
    await first.release();
    expect(await readdir(dir)).toEqual([]);
    await lock();
  });

  it('is kept by another process until that one is killed', async () => {
    const holder = await lockInAnotherProcess(dir);
    try {
      await expect(lock()).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(await readdir(dir)).toEqual(['lock']);
    } finally {
      await killAtOnce(holder);
    }
    await lock();
    await expect(lock()).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('goes to one of many that find what a killed process left', async () => {
    for (let round = 0; round < 3; round++) {
      await killAtOnce(await lockInAnotherProcess(dir));
      expect(await readdir(dir)).toEqual(['lock']);
      const outcomes = await Promise.allSettled([lock(), lock()]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(await readdir(dir)).toEqual(['lock']);
      for (const one of open.splice(0)) await one.release();
    }
  });

  it('holds in a folder whose path is longer than that of a socket may be', async () => {
    const folder = join(dir, 'long '.repeat(20), 'name');
    await mkdir(folder, { recursive: true });
    await killAtOnce(await lockInAnotherProcess(folder));
    await lock(folder);
    await expect(lock(folder)).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining(folder) });
    expect(await readdir(folder)).toEqual(['lock']);
  });
});
