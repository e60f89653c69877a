import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTemporaryDir, type TemporaryDir } from '../../../test/temporary-dir.js';

/** A user namespace with mounts of its own: anybody may have them where the kernel allows it. */
const OWN_MOUNTS = ['--user', '--map-root-user', '--mount'];
const tried = spawnSync('unshare', [...OWN_MOUNTS, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { encoding: 'utf8' });
const obstacle = tried.status === 0 ? 'there are' : (tried.error?.message ?? tried.stderr.trim());

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

(tried.status === 0 ? describe : describe.skip)(
  `an embedded index on a full disk (mounts of our own: ${obstacle})`,
  () => {
    // How far a change comes depends on the room: into the segment, or only into LMDB's pages.
    it.each([200_000, 120_000, 100_000, 90_000])(
      'refuses with STORAGE_FULL, keeps what it had and goes on when there is room again: %d bytes free',
      async (room) => {
        const script = join(dir.path, 'fill.mts');
        const disk = join(dir.path, 'disk');
        await writeFile(script, SCRIPT);
        const mount = 'mkdir "$1" && mount -t tmpfs -o size=2m tmpfs "$1" && exec "$2" --import "$3" "$4" "$1" "$5"';
        const values = [disk, process.execPath, import.meta.resolve('tsx'), script, String(room)];
        const { stdout, stderr, status } = spawnSync('unshare', [...OWN_MOUNTS, 'sh', '-c', mount, 'sh', ...values], {
          encoding: 'utf8',
          timeout: 60_000,
        });
        expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
        expect(JSON.parse(stdout)).toEqual({
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
