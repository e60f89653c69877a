import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTemporaryDir, type TemporaryDir } from '../../test/temporary-dir.js';
import { openPartsFile, writePartsFile } from './parts-file.js';

const PARTS = ['ice', '', 'snow and rock', '\u{1f30d}'];

let dir: TemporaryDir;
let path: string;
beforeEach(async () => {
  dir = await createTemporaryDir();
  path = join(dir.path, 'parts');
});
afterEach(() => dir.remove());

const write = () => {
  let taken = 0;
  function* listParts() {
    for (const part of PARTS) {
      taken++;
      yield Buffer.from(part);
    }
  }
  return writePartsFile(path, listParts(), () => ({ taken }));
};
/** Footer and parts, or the code and message of the error. */
const readAll = () => {
  try {
    const { footer, readPart, close } = openPartsFile(path);
    try {
      return { footer, parts: PARTS.map((_, part) => readPart(part).toString()) };
    } finally {
      close();
    }
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return { code, message };
  }
};
const whole = { footer: { taken: PARTS.length }, parts: PARTS };

describe('a file of parts', () => {
  it('gives its parts and its footer, both when written and when opened', async () => {
    const { footer, readPart, close } = await write();
    expect([footer, PARTS.map((_, part) => readPart(part).toString())]).toEqual([whole.footer, whole.parts]);
    close();
    expect(readAll()).toEqual(whole);
  });

  it('is refused by name when any bit of it is another, and read again when it is as before', async () => {
    (await write()).close();
    const bytes = await readFile(path);
    for (let place = 0; place < bytes.length; place++) {
      const damaged = Buffer.from(bytes);
      damaged[place] = (damaged[place] as number) ^ (1 << (place % 8));
      await writeFile(path, damaged);
      expect([place, readAll()]).toEqual([
        place,
        { code: 'DATA_CORRUPT', message: expect.stringContaining(`${path} is damaged: `) },
      ]);
    }
    await writeFile(path, bytes);
    expect(readAll()).toEqual(whole);
  });

  it('is refused by name when it is cut anywhere, empty or gone', async () => {
    (await write()).close();
    const { length } = await readFile(path);
    const refused = { code: 'DATA_CORRUPT', message: expect.stringContaining(path) };
    for (let size = length - 1; size >= 0; size--) {
      await truncate(path, size);
      expect([size, readAll()]).toEqual([size, refused]);
    }
    await dir.remove();
    expect(readAll()).toEqual(refused);
  });
});
