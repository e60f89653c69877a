import { createCipheriv } from 'node:crypto';
import { createCall } from '../../../core/call.js';
import { type ErrorCode, SciclomaticError } from '../../../core/errors.js';
import type { ChunkId } from '../../../core/ids.js';
import { silentLogger } from '../../../core/log.js';
import { hexBlake3 } from '../../../core/node-hashes.js';
import { createTestCall } from '../../../core/test-call.js';
import type { ConformanceCase } from '../../conformance.js';
import { type ChunkStore, type ChunksSupports, MAX_CHUNK_BYTES } from '../contract.js';

/** A store under test, empty at first, and what a test must be able to do to it from outside. */
export interface ChunkStoreSubject {
  readonly supports: ChunksSupports;
  readonly store: ChunkStore;
  /** Bytes that the store's quota allows; at least four of the largest chunks. */
  readonly quotaBytes: number;
  /** Changes the stored bytes of a chunk behind the store's back. */
  damage(id: ChunkId): Promise<void>;
  /** Closes the store and opens it again on the same data. */
  reopen(): Promise<ChunkStore>;
  close(): Promise<void>;
}

const expectThat: (condition: boolean, message: string) => asserts condition = (condition, message) => {
  if (!condition) throw new Error(message);
};

async function expectCode(code: ErrorCode, attempt: () => Promise<unknown>): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    const actual = error instanceof SciclomaticError ? error.code : String(error);
    expectThat(actual === code, `Expected ${code}, got ${actual}`);
    return;
  }
  throw new Error(`Expected ${code}, got an answer`);
}

/** Bytes that differ for each seed and that nothing can compress: AES-128 in counter mode, the seed as its key. */
export function createChunk(seed: number, sizeBytes = 1000): { id: ChunkId; bytes: Uint8Array } {
  const key = Buffer.alloc(16);
  key.writeUInt32BE(seed);
  const bytes = createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(sizeBytes));
  return { id: hexBlake3(bytes) as ChunkId, bytes };
}

const call = () => createTestCall();

const same = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0;

async function listAll(store: ChunkStore): Promise<ChunkId[]> {
  const ids: ChunkId[] = [];
  for await (const id of store.list(call())) ids.push(id);
  return ids;
}

/** What every chunk store does, whatever it keeps its chunks in. */
export const chunkStoreConformance: readonly ConformanceCase<ChunkStoreSubject>[] = [
  {
    name: 'gives back the bytes that were written, of any size up to the maximum',
    run: async ({ store }) => {
      for (const size of [0, 1, 65_537, MAX_CHUNK_BYTES]) {
        const { id, bytes } = createChunk(size, size);
        expectThat(await store.write(id, bytes, call()), `Expected a chunk of ${size} bytes to be new`);
        expectThat(same(await store.read(id, call()), bytes), `Expected the ${size} bytes written`);
      }
    },
  },
  {
    name: 'keeps equal bytes once and says that they were there',
    run: async ({ store }) => {
      const { id, bytes } = createChunk(1);
      expectThat(await store.write(id, bytes, call()), 'Expected the first write to be new');
      expectThat(!(await store.write(id, bytes, call())), 'Expected the second write not to be new');
      const usage = await store.readUsage();
      expectThat(
        usage.chunkCount === 1 && usage.storedBytes === 1000,
        `Expected 1 chunk of 1000 bytes, got ${JSON.stringify(usage)}`,
      );
    },
  },
  {
    name: 'one of many concurrent writes of a chunk is new',
    run: async ({ store }) => {
      const { id, bytes } = createChunk(2);
      const created = await Promise.all(Array.from({ length: 20 }, () => store.write(id, bytes, call())));
      const count = created.filter(Boolean).length;
      expectThat(count === 1, `Expected 1 write to be new, got ${count}`);
      expectThat((await store.readUsage()).storedBytes === 1000, 'Expected the chunk to be counted once');
    },
  },
  {
    name: 'refuses bytes that do not hash to the id, and keeps nothing of them',
    run: async ({ store }) => {
      const { id } = createChunk(3);
      await expectCode('CHECKSUM_MISMATCH', async () => store.write(id, createChunk(4).bytes, call()));
      expectThat(!(await store.has([id], call()))[0], 'Expected the chunk not to be held');
    },
  },
  {
    name: 'refuses a chunk over the maximum with LIMIT_EXCEEDED',
    run: async ({ store }) => {
      const { id, bytes } = createChunk(5, MAX_CHUNK_BYTES + 1);
      await expectCode('LIMIT_EXCEEDED', async () => store.write(id, bytes, call()));
    },
  },
  {
    name: 'an unknown chunk is NOT_FOUND, and deleting it frees nothing',
    run: async ({ store }) => {
      const { id } = createChunk(6);
      await expectCode('NOT_FOUND', () => store.read(id, call()));
      expectThat((await store.delete(id, call())) === undefined, 'Expected delete to say that it was not there');
    },
  },
  {
    name: 'says for each id in order whether it is held',
    run: async ({ store }) => {
      const chunks = [7, 8, 9].map((seed) => createChunk(seed));
      for (const { id, bytes } of chunks.slice(1)) await store.write(id, bytes, call());
      const held = await store.has(
        chunks.map(({ id }) => id),
        call(),
      );
      expectThat(held.join() === 'false,true,true', `Expected false,true,true, got ${held.join()}`);
    },
  },
  {
    name: 'lists every chunk once, in order of id',
    run: async ({ store }) => {
      const chunks = Array.from({ length: 300 }, (_, seed) => createChunk(seed, 10));
      await Promise.all(chunks.map(({ id, bytes }) => store.write(id, bytes, call())));
      const expected = chunks.map(({ id }) => id).sort();
      expectThat((await listAll(store)).join() === expected.join(), 'Expected the 300 ids written, sorted');
    },
  },
  {
    name: 'a deleted chunk is gone, its room is free, and it can come back',
    run: async ({ store }) => {
      const { id, bytes } = createChunk(10);
      await store.write(id, bytes, call());
      expectThat((await store.delete(id, call())) === 1000, 'Expected delete to free 1000 bytes');
      await expectCode('NOT_FOUND', () => store.read(id, call()));
      expectThat((await store.readUsage()).storedBytes === 0, 'Expected no stored bytes');
      expectThat(await store.write(id, bytes, call()), 'Expected the chunk to be new again');
    },
  },
  {
    name: 'over the quota is STORAGE_FULL, also when many write at once, and keeps nothing half',
    run: async ({ store, quotaBytes }) => {
      const size = MAX_CHUNK_BYTES;
      const fitting = Math.floor(quotaBytes / size);
      const chunks = Array.from({ length: fitting + 2 }, (_, seed) => createChunk(100 + seed, size));
      const outcomes = await Promise.allSettled(chunks.map(async ({ id, bytes }) => store.write(id, bytes, call())));
      const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
      expectThat(
        refused.length === 2 && refused.every((e) => e instanceof SciclomaticError && e.code === 'STORAGE_FULL'),
        `Expected 2 of ${chunks.length} writes to be STORAGE_FULL, got ${refused.map(String).join(', ') || 'none'}`,
      );
      const usage = await store.readUsage();
      expectThat(
        usage.storedBytes === fitting * size && usage.freeBytes === quotaBytes - fitting * size,
        `Expected ${fitting} chunks stored, got ${JSON.stringify(usage)}`,
      );
      expectThat((await listAll(store)).length === fitting, `Expected ${fitting} chunks in the list`);
    },
  },
  {
    name: 'a damaged chunk is CHECKSUM_MISMATCH, then no longer held, and can be written again',
    run: async ({ store, damage }) => {
      const { id, bytes } = createChunk(11);
      await store.write(id, bytes, call());
      await damage(id);
      await expectCode('CHECKSUM_MISMATCH', () => store.read(id, call()));
      await expectCode('NOT_FOUND', () => store.read(id, call()));
      expectThat((await store.readUsage()).storedBytes === 0, 'Expected the damaged chunk not to be counted');
      expectThat(await store.write(id, bytes, call()), 'Expected the chunk to be new again');
      expectThat(same(await store.read(id, call()), bytes), 'Expected the bytes written again');
    },
  },
  {
    name: 'a call that has ended is CANCELLED',
    run: async ({ store }) => {
      const ended = createCall({
        log: silentLogger,
        signal: AbortSignal.abort(new SciclomaticError('CANCELLED', 'ended')),
      });
      const { id, bytes } = createChunk(12);
      await expectCode('CANCELLED', async () => store.write(id, bytes, ended));
      await expectCode('CANCELLED', async () => store.read(id, ended));
    },
  },
  {
    name: 'a restart loses nothing and counts the same',
    needs: 'persistent',
    run: async ({ store, reopen }) => {
      const chunks = Array.from({ length: 50 }, (_, seed) => createChunk(seed));
      await Promise.all(chunks.map(({ id, bytes }) => store.write(id, bytes, call())));
      const before = await store.readUsage();
      const again = await reopen();
      expectThat(
        JSON.stringify(await again.readUsage()) === JSON.stringify(before),
        `Expected usage ${JSON.stringify(before)} after the restart`,
      );
      for (const { id, bytes } of chunks)
        expectThat(same(await again.read(id, call()), bytes), `Expected the bytes of ${id}`);
    },
  },
];
