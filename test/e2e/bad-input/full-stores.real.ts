import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findDiskObstacle, runOnSmallDisk } from '../../small-disk.js';
import { createTemporaryDir, type TemporaryDir } from '../../temporary-dir.js';

const PATIENCE_MS = 90_000;
const obstacle = findDiskObstacle();
let dir: TemporaryDir;
beforeEach(async () => {
  dir = await createTemporaryDir();
});
afterEach(() => dir.remove());

// In processes of their own: LMDB also tells the console, whenever it likes.
const run = (script: string, options: string): unknown =>
  runOnSmallDisk(join(import.meta.dirname, '..', '..', '..', script), join(dir.path, 'disk'), options);

(obstacle === undefined ? describe : describe.skip)(
  `on a full disk (mounts of our own: ${obstacle ?? 'there are'})`,
  () => {
    it(
      'an LMDB environment refuses every commit alike, keeps what it took, and is DEGRADED until there is room',
      () => {
        const seen = run('core/lmdb-full-disk.fixture.ts', 'size=300k') as { keptCount: number; heldCount: number };
        expect(seen).toMatchObject({
          codes: ['STORAGE_FULL'],
          lost: [],
          health: [
            { state: 'READY' },
            { state: 'DEGRADED', reason: 'The shelf takes nothing new: its disk is full' },
            { state: 'READY' },
          ],
        });
        expect(seen.keptCount).toBeGreaterThan(0);
        expect(seen.heldCount).toBe(seen.keptCount);
      },
      PATIENCE_MS,
    );

    it(
      'an outbox refuses items, says so, and delivers what it took once there is room',
      () => {
        const seen = run('core/outbox-full-disk.fixture.ts', 'size=2m') as { takenCount: number };
        expect(seen).toMatchObject({
          code: 'STORAGE_FULL',
          keptAll: true,
          whenFull: 'DEGRADED',
          withRoom: 'READY',
          deliveredAll: true,
          left: 0,
        });
        expect(seen.takenCount).toBeGreaterThan(0);
      },
      PATIENCE_MS,
    );

    // Out of bytes, and out of inodes.
    it.each(['size=4m', 'size=64m,nr_inodes=200'])(
      'a chunk store answers STORAGE_FULL, leaves nothing half, and keeps what it acknowledged: %s',
      (options) => {
        const seen = run('adapters/chunks/files/full-disk.fixture.ts', options) as Readonly<Record<string, number>>;
        expect(seen).toMatchObject({ codes: ['STORAGE_FULL'], halfWritten: [] });
        expect(seen.acknowledgedCount).toBeGreaterThan(0);
        expect(seen.readCount).toBe(seen.acknowledgedCount);
        expect(seen.storedCount).toBe(seen.acknowledgedCount);
        // Of this disk, and not of another one.
        expect(seen.freeBytes).toBeLessThan(64 * 1024 * 1024);
      },
      PATIENCE_MS,
    );
  },
);
