import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChunkId } from '../../../core/ids.js';
import { createTestCall } from '../../../core/test-call.js';
import { runConformance } from '../../conformance.js';
import { type ChunkStoreSubject, chunkStoreConformance, createChunk } from '../conformance/chunk-store-conformance.js';
import { DISK_RESERVE_BYTES, type DiskFigures } from './disk-room.js';
import { createFilesChunkStore } from './files-chunk-store.js';

const QUOTA_BYTES = 4 * 1024 * 1024 + 10;
const call = createTestCall;

const pathOf = (dir: string, id: ChunkId): string => join(dir, 'chunks', id.slice(0, 2), id.slice(2, 4), id);

async function createSubject(): Promise<ChunkStoreSubject> {
  const dir = await mkdtemp(join(tmpdir(), 'chunks-'));
  let store = await createFilesChunkStore({ dir, quotaBytes: QUOTA_BYTES });
  return {
    supports: store.supports,
    store,
    quotaBytes: QUOTA_BYTES,
    damage: async (id) => {
      const path = pathOf(dir, id);
      const bytes = await readFile(path);
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      await writeFile(path, bytes);
    },
    reopen: async () => {
      await store.close();
      store = await createFilesChunkStore({ dir, quotaBytes: QUOTA_BYTES });
      return store;
    },
    close: async () => {
      await store.close();
      await rm(dir, { recursive: true });
    },
  };
}

describe('the files chunk store', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'chunks-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('passes the conformance suite', async () => {
    const outcomes = await runConformance(chunkStoreConformance, createSubject);
    expect(outcomes.filter(({ state }) => state !== 'PASSED')).toEqual([]);
  });

  it('has room for what quota or disk still take, whichever is less', async () => {
    const page = { blockSizeBytes: 4096, blockCount: 10_000, fileCount: 9, freeFileCount: 3 };
    let disk: DiskFigures = { ...page, freeBlockCount: 2048 };
    const open = (name: string, quotaBytes?: number) =>
      createFilesChunkStore({ dir: join(dir, name), quotaBytes, readDisk: async () => disk });
    const [limited, unlimited] = [await open('limited', 5_000_000), await open('unlimited')];
    const { id, bytes } = createChunk(1);
    await limited.write(id, bytes, call());
    const read = async () => [(await limited.readUsage()).freeBytes, (await unlimited.readUsage()).freeBytes];
    expect(await read()).toEqual([8_388_608 - DISK_RESERVE_BYTES, 8_388_608 - DISK_RESERVE_BYTES]);
    disk = { ...page, freeBlockCount: 9000 };
    expect(await read()).toEqual([4_999_000, 9000 * 4096 - DISK_RESERVE_BYTES]);
    disk = { ...page, freeBlockCount: 3 };
    expect(await read()).toEqual([0, 0]);
    disk = { ...page, freeBlockCount: 9000, freeFileCount: 2 };
    expect(await read()).toEqual([0, 0]);
    disk = { ...page, blockCount: 0, freeBlockCount: 0 };
    expect(await read()).toEqual([4_999_000, null]);
    await limited.close();
    await unlimited.close();
  });

  it('moves a damaged file aside instead of deleting it', async () => {
    const store = await createFilesChunkStore({ dir });
    const { id, bytes } = createChunk(1);
    await store.write(id, bytes, call());
    await writeFile(pathOf(dir, id), bytes.subarray(0, 10));
    await expect(store.read(id, call())).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    expect((await readdir(join(dir, 'damaged'))).map((name) => name.slice(0, 64))).toEqual([id]);
    await store.close();
  });

  it('needs no reconciliation after an orderly close', async () => {
    await (await createFilesChunkStore({ dir })).close();
    const store = await createFilesChunkStore({ dir });
    expect(store.reconciliation).toBeUndefined();
    await store.close();
  });

  it('rebuilds a lost index from the files, and keeps what is damaged out of it', async () => {
    const first = await createFilesChunkStore({ dir });
    const chunks = Array.from({ length: 20 }, (_, seed) => createChunk(seed));
    for (const { id, bytes } of chunks) await first.write(id, bytes, call());
    await first.close();
    await rm(join(dir, 'index'), { recursive: true });
    const broken = chunks[7]?.id as ChunkId;
    await writeFile(pathOf(dir, broken), 'x');
    const store = await createFilesChunkStore({ dir });
    expect(store.reconciliation).toMatchObject({ adopted: 19, damaged: 1, chunkCount: 19, storedBytes: 19_000 });
    expect(
      await store.has(
        chunks.map(({ id }) => id),
        call(),
      ),
    ).toEqual(chunks.map(({ id }) => id !== broken));
    await store.close();
  });

  it('kill -9 at any moment loses nothing that was acknowledged and shows nothing half', async () => {
    for (const acknowledgements of [1, 40, 160]) {
      const folder = join(dir, String(acknowledgements));
      const acknowledged = await writeUntilKilled(folder, acknowledgements);
      expect(acknowledged.length).toBeGreaterThanOrEqual(acknowledgements);
      const store = await createFilesChunkStore({ dir: folder });
      expect(store.reconciliation).toMatchObject({ damaged: 0, forgotten: 0 });
      for (const id of acknowledged) expect((await store.read(id, call())).length).toBeGreaterThan(0);
      let held = 0;
      for await (const id of store.list(call())) {
        await store.read(id, call());
        held += 1;
      }
      expect(held).toBe((await store.readUsage()).chunkCount);
      expect(await readdir(join(folder, 'incoming'))).toEqual([]);
      await store.close();
    }
  });

  it('forgets index entries whose file is gone after a crash', async () => {
    const acknowledged = await writeUntilKilled(dir, 10);
    const lost = acknowledged.slice(0, 3);
    for (const id of lost) await rm(pathOf(dir, id));
    const [emptied] = acknowledged.slice(3);
    if (emptied) await rm(join(dir, 'chunks', emptied.slice(0, 2)), { recursive: true });
    const store = await createFilesChunkStore({ dir });
    expect(store.reconciliation?.forgotten).toBeGreaterThanOrEqual(4);
    expect(await store.has(lost, call())).toEqual([false, false, false]);
    await store.close();
  });
});

/** Ids that a child process said were written before it was killed with SIGKILL, after so many of them. */
async function writeUntilKilled(dir: string, acknowledgements: number): Promise<ChunkId[]> {
  const script = join(import.meta.dirname, 'write-until-killed.fixture.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const ids: ChunkId[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    ids.push(line as ChunkId);
    if (ids.length === acknowledgements) child.kill('SIGKILL');
  }
  await exited;
  return ids;
}
