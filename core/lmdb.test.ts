import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { commit, openEnvironment } from './lmdb.js';

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
});
