import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { checkRoom, commit, openEnvironment } from './lmdb.js';

/** A file system of 300 KiB; undefined where this process may not mount one. */
function mountTinyDisk(): string | undefined {
  const mounted = mkdtempSync(join(tmpdir(), 'lmdb-disk-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', mounted]).status === 0) return mounted;
  rmdirSync(mounted);
  return undefined;
}

describe('an LMDB environment', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'lmdb-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('keeps what was committed, gives what the change returned, and reads it again after it was closed', async () => {
    const first = openEnvironment<string, string>({ path: dir });
    expect(await commit(first, () => [first.put('a', 'one'), 'returned'].at(-1))).toBe('returned');
    expect(first.get('a')).toBe('one');
    await first.close();
    const second = openEnvironment<string, string>({ path: dir });
    expect(second.get('a')).toBe('one');
    await second.close();
  });

  it('passes on what a change throws', async () => {
    const environment = openEnvironment<string, string>({ path: dir });
    const failing = commit(environment, () => {
      throw new RangeError('mine');
    });
    await expect(failing).rejects.toThrow(new RangeError('mine'));
    await environment.close();
  });

  it.each([
    [28, { code: 'STORAGE_FULL' }],
    [122, { code: 'STORAGE_FULL' }],
    [5, { message: 'of the disk', code: 5 }],
  ])('tells the error number %d of a failed commit, which LMDB hides in a promise', async (number, expected) => {
    const environment = openEnvironment<string, string>({ path: dir });
    const hidden = Promise.reject(Object.assign(new Error('of the disk'), { code: number }));
    environment.transaction = () => Promise.reject(Object.assign(new Error('Commit failed'), { commitError: hidden }));
    await expect(commit(environment, () => true)).rejects.toMatchObject(expected);
    await environment.close();
  });

  const disk = mountTinyDisk();
  const itWithDisk = disk === undefined ? it.skip : it;
  afterAll(() => {
    if (disk === undefined) return;
    spawnSync('umount', [disk]);
    rmdirSync(disk);
  });

  itWithDisk('on a full disk refuses every commit alike, and is DEGRADED until there is room', async () => {
    const folder = join(disk ?? '', 'environment');
    // LMDB tells the console as well.
    jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const environment = openEnvironment<string, string>({ path: folder });
    expect(await checkRoom(environment, 'The shelf')).toEqual({ state: 'READY' });
    const kept: string[] = [];
    const codes = new Set<string>();
    // Of several sizes: when the disk takes a part of a write, the system says something else than when it takes nothing.
    for (let place = 0; place < 80; place++) {
      const key = String(place);
      await commit(environment, () => environment.put(key, key.repeat(2000))).then(
        () => kept.push(key),
        (error: { code: string }) => codes.add(error.code),
      );
    }
    expect([...codes]).toEqual(['STORAGE_FULL']);
    expect([...environment.getKeys()]).toEqual(kept.toSorted());
    expect(await checkRoom(environment, 'The shelf')).toEqual({
      state: 'DEGRADED',
      reason: 'The shelf takes nothing new: its disk is full',
    });
    spawnSync('mount', ['-o', 'remount,size=16m', disk ?? '']);
    expect(await checkRoom(environment, 'The shelf')).toEqual({ state: 'READY' });
    await commit(environment, () => environment.put('after', 'x'));
    await environment.close();
    jest.restoreAllMocks();
  });
});
