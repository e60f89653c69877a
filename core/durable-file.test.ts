import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { syncFolder, writeFileDurably } from './durable-file.js';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'durable-file-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('writeFileDurably', () => {
  it('writes text and bytes, new and over an old file, in folders that it makes', async () => {
    const file = join(dir, 'a', 'b', 'file');
    await writeFileDurably(file, 'old');
    await writeFileDurably(file, Uint8Array.of(0, 255));
    expect([...(await readFile(file))]).toEqual([0, 255]);
    expect(await readdir(join(dir, 'a', 'b'))).toEqual(['file']);
  });

  it('gives the file its mode from the first moment', async () => {
    const file = join(dir, 'key');
    await writeFileDurably(file, 'secret', 0o600);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('gives one of the whole files when several are written at once', async () => {
    const file = join(dir, 'file');
    const texts = Array.from({ length: 8 }, (_, writer) => String(writer).repeat(100_000));
    await Promise.all(texts.map((text) => writeFileDurably(file, text)));
    expect(texts).toContain(await readFile(file, 'utf8'));
    expect(await readdir(dir)).toEqual(['file']);
  });

  it('leaves the old one and no temporary file when the new one cannot take its place', async () => {
    const file = join(dir, 'file');
    await mkdir(file);
    await writeFile(join(file, 'inside'), 'old');
    await expect(writeFileDurably(file, 'new')).rejects.toMatchObject({
      code: expect.stringMatching(/EISDIR|ENOTEMPTY/),
    });
    expect(await readdir(dir)).toEqual(['file']);
    expect(await readFile(join(file, 'inside'), 'utf8')).toBe('old');
  });

  it('removes what it began when the writing itself fails', async () => {
    const file = join(dir, 'file');
    await writeFileDurably(file, 'old');
    const broken = new Proxy(Uint8Array.of(1), {
      get: () => {
        throw new Error('no more bytes');
      },
    });
    await expect(writeFileDurably(file, broken)).rejects.toThrow();
    expect(await readdir(dir)).toEqual(['file']);
    expect(await readFile(file, 'utf8')).toBe('old');
  });

  it('leaves a whole file when its process is killed', async () => {
    const file = join(dir, 'file');
    const module = new URL('./durable-file.ts', import.meta.url).href;
    const script = `
      import { writeFileDurably } from ${JSON.stringify(module)};
      for (let count = 0; ; count += 1) {
        await writeFileDurably(${JSON.stringify(file)}, String(count % 10).repeat(3_000_000));
        console.log(count);
      }
    `;
    for (const afterWrites of [1, 4]) {
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {},
      });
      let writes = 0;
      // Killed as soon as a write is told: the next one is then under way.
      child.stdout.on('data', () => {
        writes += 1;
        if (writes >= afterWrites) child.kill('SIGKILL');
      });
      await new Promise((resolve) => child.on('close', resolve));
      const text = await readFile(file, 'utf8');
      // Compared as texts: a pattern over millions of characters overflows the stack.
      expect(text === text.charAt(0).repeat(3_000_000)).toBe(true);
    }
  });
});

describe('syncFolder', () => {
  it('fails for a folder that is not there', async () => {
    await syncFolder(dir);
    await expect(syncFolder(join(dir, 'absent'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
