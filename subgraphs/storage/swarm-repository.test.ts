import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createChunk } from '../../adapters/chunks/conformance/chunk-store-conformance.js';
import { runConformance } from '../../adapters/conformance.js';
import { repositoryConformance } from '../../adapters/repositories/conformance/repository-conformance.js';
import type { DatasetBatch, RepositoryAdapter } from '../../adapters/repositories/contract.js';
import { createSwarmRepository } from '../../adapters/repositories/swarm/adapter.js';
import { createFixtureDataset, type FixtureDataset } from '../../adapters/swarm/dataset.fixture.js';
import { createFixedDirectory, type FixedPeer } from '../../adapters/swarm/fixed-directory.fixture.js';
import { createPeerConnection } from '../../adapters/swarm/peer-connection.js';
import { encodeCursor } from '../../core/cursor.js';
import { silentLogger } from '../../core/log.js';
import { createTestCall } from '../../core/test-call.js';
import { createStoragePeer, type StoragePeer } from './peer/storage-peer.js';

const call = createTestCall;
const bytesOf = (seed: number, size: number): Uint8Array => createChunk(seed, size).bytes;

async function put(peer: StoragePeer, { signed, chunks }: FixtureDataset): Promise<void> {
  const connection = createPeerConnection(peer.id, peer.address);
  await connection.writeChunks(chunks, call());
  await connection.writeManifest(signed, call());
  connection.close();
}

async function list(
  adapter: RepositoryAdapter,
  after?: string,
): Promise<{ ids: string[]; cursor: string | undefined }> {
  const ids: string[] = [];
  let cursor = after;
  for await (const batch of adapter.listDatasets(after, call())) {
    ids.push(...batch.records.map(({ id }) => id));
    cursor = batch.cursor;
  }
  return { ids, cursor };
}

describe('the swarm as a repository', () => {
  let root: string;
  let peers: StoragePeer[];
  const directoryPeers: FixedPeer[] = [];
  const submitted = Array.from({ length: 7 }, (_, seed) =>
    createFixtureDataset(
      { 'data/a.bin': bytesOf(seed, 2_500_000), 'b.csv': bytesOf(seed + 100, 3000), empty: new Uint8Array() },
      { title: `Dataset ${seed}` },
    ),
  );
  const mirror = createFixtureDataset({ x: bytesOf(50, 10) }, { datasetId: 'zenodo:10.5281/zenodo.1' });
  const open = (): RepositoryAdapter => createSwarmRepository({ directory: createFixedDirectory(directoryPeers) });

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'swarm-'));
    peers = await Promise.all(
      ['a', 'b', 'c'].map((id) =>
        createStoragePeer({
          id,
          institution: { id: `${id}-institution`, name: id },
          dir: join(root, id),
          host: '127.0.0.1',
          port: 0,
          log: silentLogger,
        }),
      ),
    );
    directoryPeers.push(...peers);
    const [a, b, c] = peers;
    if (!a || !b || !c) throw new Error('Three peers were started');
    for (const dataset of submitted.slice(0, 4)) await put(a, dataset);
    await put(b, mirror);
    for (const dataset of submitted.slice(2, 6)) await put(b, dataset);
    for (const dataset of submitted.toReversed()) await put(c, dataset);
  });
  afterAll(async () => {
    for (const peer of peers) await peer.close();
    await rm(root, { recursive: true, force: true });
  });

  it('passes the conformance suite', async () => {
    const outcomes = await runConformance(repositoryConformance, async () => open());
    expect(outcomes.filter(({ state }) => state === 'FAILED')).toEqual([]);
    expect(outcomes.filter(({ state }) => state === 'SKIPPED').map(({ name }) => name)).toHaveLength(
      repositoryConformance.filter(({ needs }) => needs === 'deletions').length,
    );
  });

  it('lists each submitted dataset once, with the swarm’s own SHA-256, and no mirror', async () => {
    const adapter = open();
    const { ids } = await list(adapter);
    expect(ids.toSorted()).toEqual(submitted.map(({ signed }) => signed.datasetId).sort());
    const record = await adapter.readDataset(submitted[0]?.signed.hash ?? '', call());
    expect(record.files?.map(({ path, checksums }) => [path, checksums[0]?.algorithm, checksums[0]?.origin])).toEqual([
      ['b.csv', 'sha256', 'SWARM'],
      ['data/a.bin', 'sha256', 'SWARM'],
      ['empty', 'sha256', 'SWARM'],
    ]);
    await expect(adapter.readDataset(mirror.signed.hash, call())).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await adapter.close();
  });

  it('gives datasets that are long together in several batches, none lost where one ends', async () => {
    const long = Array.from({ length: 16 }, (_, seed) =>
      createFixtureDataset(
        { x: bytesOf(200 + seed, 10) },
        { title: `Long ${seed}`, description: 'word '.repeat(50_000) },
      ),
    );
    const peer = await createStoragePeer({
      id: 'long',
      institution: { id: 'long-institution', name: 'long' },
      dir: join(root, 'long'),
      host: '127.0.0.1',
      port: 0,
      log: silentLogger,
    });
    try {
      for (const dataset of long) await put(peer, dataset);
      const adapter = createSwarmRepository({ directory: createFixedDirectory([peer]) });
      const batches: DatasetBatch[] = [];
      for await (const batch of adapter.listDatasets(undefined, call())) batches.push(batch);
      expect(batches.map(({ records }) => records.length)).toEqual([12, 4]);
      const ids = batches.map(({ records }) => records.map(({ id }) => id));
      expect(new Set(ids.flat()).size).toBe(long.length);
      expect((await list(adapter, batches[0]?.cursor)).ids).toEqual(ids[1]);
      await adapter.close();
    } finally {
      await peer.close();
    }
  });

  it('tells after a cursor what came since, and not what was only copied', async () => {
    const adapter = open();
    const { cursor } = await list(adapter);
    const [a, b] = peers;
    const fresh = createFixtureDataset({ z: bytesOf(99, 100) }, { title: 'Fresh' });
    if (a && b) {
      await put(a, fresh);
      await put(b, submitted[0] ?? fresh);
    }
    expect((await list(adapter, cursor)).ids).toEqual([fresh.signed.datasetId]);
    await adapter.close();
  });

  it('misses nothing of a peer that lost its store and counts anew', async () => {
    const adapter = open();
    const { cursor } = await list(adapter);
    const fresh = createFixtureDataset({ w: bytesOf(88, 100) }, { title: 'After the loss' });
    const reborn = await createStoragePeer({
      id: 'c',
      institution: { id: 'c-institution', name: 'c' },
      dir: join(root, 'c-again'),
      host: '127.0.0.1',
      port: 0,
      log: silentLogger,
    });
    await put(reborn, fresh);
    const place = directoryPeers.findIndex(({ id }) => id === 'c');
    const [before] = directoryPeers.splice(place, 1, reborn);
    expect((await list(adapter, cursor)).ids).toEqual([fresh.signed.datasetId]);
    if (before) directoryPeers[place] = before;
    await reborn.close();
    await adapter.close();
  });

  it('goes on from a cursor of before peers told their epoch', async () => {
    const adapter = open();
    const old = encodeCursor(
      'swarm',
      JSON.stringify([
        ['a', 3],
        ['b', 5],
        ['c', 7],
      ]),
    );
    const after = await list(adapter, old);
    expect(after.ids).not.toContain(submitted[6]?.signed.datasetId);
    expect((await list(adapter, after.cursor)).ids).toEqual([]);
    await adapter.close();
  });

  it('goes on with the peers that live, and loses nothing of the one that comes back', async () => {
    const adapter = open();
    const { cursor } = await list(adapter);
    const [, , c] = peers;
    const place = directoryPeers.findIndex(({ id }) => id === 'c');
    const dead: FixedPeer = { id: 'c', address: '127.0.0.1:1', institution: 'c-institution' };
    const fresh = createFixtureDataset({ q: bytesOf(77, 100) }, { title: 'Only on c' });
    if (c) await put(c, fresh);
    directoryPeers[place] = dead;
    const without = await list(adapter, cursor);
    expect(without.ids).toEqual([]);
    if (c) directoryPeers[place] = c;
    expect((await list(adapter, without.cursor)).ids).toEqual([fresh.signed.datasetId]);
    directoryPeers[place] = dead;
    await expect(list(adapter)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE', source: 'sc' });
    if (c) directoryPeers[place] = c;
    await adapter.close();
  });
});
