import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findDiskObstacle, runOnSmallDisk } from '../../../test/small-disk.js';
import { createTemporaryDir, type TemporaryDir } from '../../../test/temporary-dir.js';

const obstacle = findDiskObstacle();

/** Fills a small disk, changes the index until it is refused, frees the disk and goes on; prints what it saw. */
const SCRIPT = `
  import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
  import { createEmbeddedSearchIndex } from '${join(import.meta.dirname, 'embedded-search-index.ts')}';
  import { createTestCall } from '${join(import.meta.dirname, '../../../core/test-call.ts')}';
  const [disk, room] = [process.argv[2], Number(process.argv[3])];
  const dir = disk + '/index';
  let index = await createEmbeddedSearchIndex({ dir });
  const call = () => createTestCall(60_000);
  const listIds = async () => {
    const ids = [];
    for await (const id of index.listIds('a', call())) ids.push(id);
    return ids;
  };
  const change = (number) => ({
    upserts: Array.from({ length: 5 }, (_, part) => ({
      id: 'a:' + number + '-' + part, title: 'Ice', description: 'cold '.repeat(200), creators: [], subjects: [], files: null,
    })),
    deletes: number < 2 ? [] : ['a:' + (number - 1) + '-0'],
  });
  await index.apply(change(0), call());
  await index.apply(change(1), call());
  writeFileSync(disk + '/filler', Buffer.alloc(2 * 1024 * 1024 - room));
  let number = 2;
  let refused;
  for (; refused === undefined && number < 1000; number++) {
    const before = await listIds();
    await index.apply(change(number), call()).catch(async (error) => {
      refused = { code: error.code, message: error.message, same: before.join() === (await listIds()).join() };
    });
  }
  const named = () => readdirSync(dir).filter((name) => name.startsWith('segment-')).length;
  const files = named();
  const ids = await listIds();
  await index.close();
  index = await createEmbeddedSearchIndex({ dir });
  const filesNamed = named();
  const sameWhenOpened = ids.join() === (await listIds()).join();
  rmSync(disk + '/filler');
  await index.apply(change(--number), call());
  const added = (await listIds()).filter((id) => id.startsWith('a:' + number + '-')).length;
  await index.close();
  console.log(JSON.stringify({ ...refused, leftOver: files - filesNamed, sameWhenOpened, added }));`;

let dir: TemporaryDir;
beforeEach(async () => {
  dir = await createTemporaryDir();
});
afterEach(() => dir.remove());

(obstacle === undefined ? describe : describe.skip)(
  `an embedded index on a full disk (mounts of our own: ${obstacle ?? 'there are'})`,
  () => {
    // How far a change comes depends on the room: into the segment, or only into LMDB's pages.
    it.each([200_000, 120_000, 100_000, 90_000])(
      'refuses with STORAGE_FULL, keeps what it had and goes on when there is room again: %d bytes free',
      async (room) => {
        const script = join(dir.path, 'fill.mts');
        const disk = join(dir.path, 'disk');
        await writeFile(script, SCRIPT);
        expect(runOnSmallDisk(script, disk, 'size=2m', String(room))).toEqual({
          code: 'STORAGE_FULL',
          message: `No space is left for the search index in ${disk}/index`,
          same: true,
          leftOver: 0,
          sameWhenOpened: true,
          added: 5,
        });
      },
      90_000,
    );
  },
);
