import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTemporaryDir, type TemporaryDir } from '../test/temporary-dir.js';
import { listLocalFiles } from './list-local-files.js';

describe('the files of a submission', () => {
  let dir: TemporaryDir;
  const path = (...parts: string[]) => join(dir.path, ...parts);
  const list = async (...sources: string[]) => (await listLocalFiles(sources)).map((file) => file.path).sort();
  beforeEach(async () => {
    dir = await createTemporaryDir();
    await mkdir(path('run', 'deep'), { recursive: true });
    await writeFile(path('run', 'abc.csv'), 'a');
    await writeFile(path('run', 'deep', 'd.csv'), 'd');
  });
  afterEach(() => dir.remove());

  it('have their paths below the folder, however the folder is named', async () => {
    const before = process.cwd();
    try {
      process.chdir(path('run'));
      for (const name of ['.', './', path('run'), `${path('run')}/`, '../run', `${path('run', 'deep')}/..`]) {
        expect({ name, files: await list(name) }).toEqual({ name, files: ['abc.csv', 'deep/d.csv'] });
      }
    } finally {
      process.chdir(before);
    }
    expect(await list(path('run', 'abc.csv'), path('run', 'deep'))).toEqual(['abc.csv', 'd.csv']);
  });

  it('are those that links lead to', async () => {
    await symlink(path('run', 'abc.csv'), path('run', 'deep', 'link.csv'));
    expect(await list(path('run'))).toEqual(['abc.csv', 'deep/d.csv', 'deep/link.csv']);
  });

  it('are never fewer than what is there', async () => {
    for (const target of [path('nowhere'), path('run', 'deep')]) {
      await mkdir(path('one'));
      await writeFile(path('one', 'a.csv'), 'a');
      await symlink(target, path('one', 'link'));
      await expect(list(path('one'))).rejects.toMatchObject({ code: 'BAD_INPUT' });
      await dir.remove();
      await mkdir(path('run', 'deep'), { recursive: true });
    }
    await expect(list(path('run'))).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await writeFile(path('run', 'new\nline'), '');
    await expect(list(path('run'))).rejects.toMatchObject({ code: 'UNSAFE_PATH' });
  });
});
