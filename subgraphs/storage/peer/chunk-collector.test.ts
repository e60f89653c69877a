import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { open, type RootDatabase } from 'lmdb';
import { createChunk } from '../../../adapters/chunks/conformance/chunk-store-conformance.js';
import type { ChunkStore } from '../../../adapters/chunks/contract.js';
import { createMemoryChunkStore } from '../../../adapters/chunks/memory/memory-chunk-store.js';
import { createFixtureDataset, type FixtureDataset } from '../../../adapters/swarm/dataset.fixture.js';
import type { ChunkId } from '../../../core/ids.js';
import { createTestCall } from '../../../core/test-call.js';
import { type ChunkCollector, createChunkCollector } from './chunk-collector.js';
import { openChunkNames } from './chunk-names.js';
import { keepManifest } from './keep-manifest.js';
import { type ManifestStore, openManifestStore } from './manifest-store.js';
import { listChunkIds } from './missing-chunks.js';

const call = createTestCall;
const KEPT_MS = 1000;
const turn = () => new Promise(setImmediate);

/** Takes its time, as a disk does, so that others come in between. */
function slowDown(store: ChunkStore): ChunkStore {
  return {
    ...store,
    has: async (ids, call) => {
      await turn();
      const held = await store.has(ids, call);
      await turn();
      return held;
    },
    write: async (id, bytes, call) => {
      await turn();
      return store.write(id, bytes, call);
    },
    delete: async (id, call) => {
      for (let turns = 0; turns < 4; turns++) await turn();
      const freed = await store.delete(id, call);
      await turn();
      return freed;
    },
  };
}

interface Subject {
  readonly collector: ChunkCollector;
  readonly manifests: ManifestStore;
  keep(dataset: FixtureDataset): Promise<boolean>;
}

describe('the collector of chunks', () => {
  let dir: string;
  let database: RootDatabase;
  let nowMs: number;
  let files: Map<ChunkId, Uint8Array>;
  let removals: ChunkId[];
  /** Comes between what a look learns of the manifests and what it removes. */
  let duringLook: () => Promise<unknown>;

  const openSubject = async (): Promise<Subject> => {
    database = open({ path: dir, maxDbs: 8 });
    const slow = slowDown(createMemoryChunkStore({ chunks: files }));
    const chunks: ChunkStore = {
      ...slow,
      delete: (id, own) => {
        removals.push(id);
        return slow.delete(id, own);
      },
      list: async function* (own) {
        yield* slow.list(own);
        await duringLook();
      },
    };
    const manifests = await openManifestStore(database);
    const names = openChunkNames(database);
    const collector = createChunkCollector({ chunks, manifests, names, keptMs: KEPT_MS, now: () => nowMs });
    return {
      collector,
      manifests,
      keep: ({ signed }) => keepManifest({ chunks: collector.chunks, manifests, hold: collector.hold }, signed, call()),
    };
  };
  const write = ({ collector }: Subject, ...chunks: readonly { id: ChunkId; bytes: Uint8Array }[]) =>
    Promise.all(chunks.map(({ id, bytes }) => collector.chunks.write(id, bytes, call())));

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'collector-'));
    nowMs = Date.parse('2026-01-01T00:00:00Z');
    files = new Map();
    removals = [];
    duringLook = async () => undefined;
  });
  afterEach(async () => {
    await database.close();
    await rm(dir, { recursive: true });
  });

  it('removes what no manifest names once its time is over, and nothing else', async () => {
    const subject = await openSubject();
    const dataset = createFixtureDataset({ a: createChunk(1, 3000).bytes });
    const abandoned = [createChunk(2, 500), createChunk(3, 700)];
    await write(subject, ...dataset.chunks, ...abandoned);
    await subject.keep(dataset);
    expect(await subject.collector.collect(call())).toEqual({ chunkCount: 0, sizeBytes: 0 });
    nowMs += KEPT_MS - 1;
    expect(await subject.collector.collect(call())).toEqual({ chunkCount: 0, sizeBytes: 0 });
    nowMs += 1;
    expect(await subject.collector.collect(call())).toEqual({ chunkCount: 2, sizeBytes: 1200 });
    expect([...files.keys()]).toEqual(dataset.chunks.map(({ id }) => id));
    nowMs += KEPT_MS;
    expect(await subject.collector.collect(call())).toEqual({ chunkCount: 0, sizeBytes: 0 });
  });

  it.each<[string, (subject: Subject, chunk: ReturnType<typeof createChunk>) => Promise<unknown>]>([
    ['written again', (subject, chunk) => write(subject, chunk)],
    ['asked for', ({ collector }, { id }) => collector.chunks.has([id], call())],
  ])('keeps for another while what is %s, over a restart too', async (_what, ask) => {
    let subject = await openSubject();
    const [renewed, forgotten] = [createChunk(1), createChunk(2)];
    await write(subject, renewed, forgotten);
    await subject.collector.collect(call());
    nowMs += KEPT_MS - 1;
    await ask(subject, renewed);
    await database.flushed;
    await database.close();
    subject = await openSubject();
    nowMs += KEPT_MS - 1;
    expect(await subject.collector.collect(call())).toMatchObject({ chunkCount: 1 });
    expect([...files.keys()]).toEqual([renewed.id]);
    nowMs += 1;
    expect(await subject.collector.collect(call())).toMatchObject({ chunkCount: 1 });
  });

  it('says of a chunk that it removes that it is not held, and takes it again after', async () => {
    const subject = await openSubject();
    const chunk = createChunk(1);
    await write(subject, chunk);
    await subject.collector.collect(call());
    nowMs += KEPT_MS;
    const collecting = subject.collector.collect(call());
    while (removals.length === 0) await turn();
    const answers = await Promise.all([
      subject.collector.chunks.has([chunk.id], call()),
      write(subject, chunk),
      collecting,
    ]);
    expect(answers).toEqual([[false], [true], { chunkCount: 1, sizeBytes: chunk.bytes.length }]);
    expect(await subject.collector.chunks.has([chunk.id], call())).toEqual([true]);
    expect(files.has(chunk.id)).toBe(true);
  });

  it('keeps what a manifest names that came during the look, although its time is over', async () => {
    const subject = await openSubject();
    const dataset = createFixtureDataset({ a: createChunk(1).bytes });
    await write(subject, ...dataset.chunks, createChunk(2));
    await subject.collector.collect(call());
    duringLook = async () => {
      await subject.keep(dataset);
      nowMs += KEPT_MS;
    };
    expect(await subject.collector.collect(call())).toMatchObject({ chunkCount: 1 });
    expect([...files.keys()]).toEqual(dataset.chunks.map(({ id }) => id));
  });

  it('keeps what a manifest names that is being written, although its time ends meanwhile', async () => {
    const subject = await openSubject();
    const dataset = createFixtureDataset({ a: createChunk(1).bytes });
    await write(subject, ...dataset.chunks);
    await subject.collector.collect(call());
    let keeping: Promise<boolean> = Promise.resolve(false);
    duringLook = async () => {
      keeping = subject.keep(dataset);
      nowMs += KEPT_MS;
    };
    expect(await subject.collector.collect(call())).toMatchObject({ chunkCount: 0 });
    expect(await keeping).toBe(true);
    expect([...files.keys()]).toEqual(dataset.chunks.map(({ id }) => id));
  });

  it('keeps what a running pull holds, however long it takes', async () => {
    const subject = await openSubject();
    const chunk = createChunk(1);
    const release = subject.collector.hold([chunk.id]);
    await write(subject, chunk);
    await subject.collector.collect(call());
    nowMs += 100 * KEPT_MS;
    expect(await subject.collector.collect(call())).toMatchObject({ chunkCount: 0 });
    release();
    expect(await subject.collector.collect(call())).toMatchObject({ chunkCount: 1 });
  });

  it('removes nothing when a manifest cannot be read', async () => {
    const subject = await openSubject();
    const dataset = createFixtureDataset({ a: createChunk(1).bytes });
    await write(subject, ...dataset.chunks, createChunk(2));
    await subject.collector.collect(call());
    await subject.keep(dataset);
    const records = database.openDB<Buffer, number>({ name: 'records', encoding: 'binary' });
    await records.put(1, Buffer.concat([Buffer.from(dataset.signed.hash, 'hex'), Buffer.from('not a record')]));
    nowMs += KEPT_MS;
    await expect(subject.collector.collect(call())).rejects.toMatchObject({ code: 'DATA_CORRUPT' });
    expect(files.size).toBe(2);
  });

  it('never takes a chunk from a manifest, whatever happens at the same time, and leaves nothing for ever', async () => {
    const chunks = Array.from({ length: 6 }, (_, seed) => createChunk(seed, 100));
    const datasets = [[0], [1, 2], [2, 3, 4]].map((seeds) =>
      createFixtureDataset(
        Object.fromEntries(seeds.map((seed) => [`f${seed}`, chunks[seed]?.bytes ?? new Uint8Array()])),
      ),
    );
    const step = fc.oneof(
      fc.record({ kind: fc.constant('WRITE' as const), index: fc.nat(5) }),
      fc.record({ kind: fc.constant('HAS' as const), index: fc.nat(5) }),
      fc.record({ kind: fc.constant('KEEP' as const), index: fc.nat(2) }),
      fc.record({ kind: fc.constant('UPLOAD' as const), index: fc.nat(2) }),
      fc.record({ kind: fc.constant('COLLECT' as const), index: fc.constant(0) }),
      fc.record({ kind: fc.constant('PASS_TIME' as const), index: fc.nat(2 * KEPT_MS) }),
      fc.record({ kind: fc.constant('TURN' as const), index: fc.nat(6) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        files = new Map();
        const own = await mkdtemp(join(dir, 'run-'));
        const outer = dir;
        dir = own;
        const subject = await openSubject();
        dir = outer;
        let collecting: Promise<unknown> = Promise.resolve();
        const running: Promise<unknown>[] = [];
        for (const { kind, index } of steps) {
          const chunk = chunks[index % 6] ?? createChunk(0);
          const dataset = datasets[index % 3] ?? createFixtureDataset({});
          if (kind === 'WRITE') running.push(write(subject, chunk));
          else if (kind === 'HAS') running.push(subject.collector.chunks.has([chunk.id], call()));
          else if (kind === 'KEEP') running.push(subject.keep(dataset).catch(expectConflict));
          else if (kind === 'UPLOAD')
            running.push(write(subject, ...dataset.chunks).then(() => subject.keep(dataset).catch(expectConflict)));
          else if (kind === 'COLLECT') collecting = collecting.then(() => subject.collector.collect(call()));
          else if (kind === 'PASS_TIME') nowMs += index;
          else for (let turns = 0; turns < index; turns++) await turn();
        }
        await Promise.all([...running, collecting]);
        const named = new Set(
          datasets
            .filter(({ signed }) => subject.manifests.has(signed.hash))
            .flatMap(({ signed }) => listChunkIds(signed.manifest)),
        );
        expect([...named].filter((id) => !files.has(id))).toEqual([]);
        await subject.collector.collect(call());
        nowMs += KEPT_MS;
        await subject.collector.collect(call());
        expect([...files.keys()].sort()).toEqual([...named].sort());
        await database.close();
      }),
      { numRuns: 60 },
    );
    await openSubject();
  }, 60_000);
});

function expectConflict(error: unknown): void {
  expect(error).toMatchObject({ code: 'CONFLICT' });
}
