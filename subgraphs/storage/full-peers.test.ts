import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createChunk } from '../../adapters/chunks/conformance/chunk-store-conformance.js';
import {
  createStorageHouse,
  createUploads,
  type StorageHouse,
  type StorageHouseOptions,
  submit,
  submitFiles,
} from './storage-house.fixture.js';

const MIB = 1024 * 1024;
const bytesOf = (seed: number, size: number): Uint8Array => createChunk(seed, size).bytes;

describe('among peers without room, storage', () => {
  let root: string;
  let house: StorageHouse | undefined;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'full-peers-'));
  });
  afterEach(async () => {
    await house?.close();
    await rm(root, { recursive: true, force: true });
  });
  const start = async (options: Omit<StorageHouseOptions, 'dir'>): Promise<StorageHouse> =>
    (house = await createStorageHouse({ dir: root, ...options }));

  it('passes over a peer whose disk is full though it has no quota', async () => {
    const figures = { blockSizeBytes: 4096, blockCount: 1_000_000, fileCount: 0, freeFileCount: 0 };
    const readDisk = async (dir: string) => ({ ...figures, freeBlockCount: dir.endsWith('alpha') ? 0 : 500_000 });
    const running = await start({ peerOptions: { readDisk } });
    await submitFiles(running, { 'a.bin': bytesOf(8, 2 * MIB) });
    expect(await Promise.all(running.peers.map(async (peer) => (await peer.readUsage()).chunkCount))).toEqual([
      0, 2, 0,
    ]);
    expect(await running.peers[0]?.checkHealth()).toMatchObject({ state: 'DEGRADED' });
    expect(await running.peers[1]?.checkHealth()).toEqual({ state: 'READY' });
  });

  it('brings a submission together at the next peer when the one that holds most of it has no room', async () => {
    const running = await start({ quotaBytes: 10 * MIB, peerIds: ['alpha', 'beta'] });
    await submitFiles(running, { 'before.bin': bytesOf(20, 5 * MIB) }, 'Before');
    const files = { 'a.bin': bytesOf(21, 4 * MIB), 'b.bin': bytesOf(22, 3 * MIB) };
    const { ids, urls } = await createUploads(running, files);
    // One after the other: the first one leaves no room for the second.
    for (const [path, bytes] of Object.entries(files)) {
      const request = new Request(urls.get(path) ?? '', { method: 'PUT', body: Buffer.from(bytes) });
      expect((await running.part.fetch(request)).status).toBe(201);
    }
    const { data } = await submit(running, { title: 'Spread', uploadIds: ids });
    expect(data.submitDataset.job.state).toBe('SUCCEEDED');
    const [alpha, beta] = await Promise.all(running.peers.map((peer) => peer.readUsage()));
    expect([alpha?.manifestCount, beta?.manifestCount, beta?.storedBytes]).toEqual([1, 1, 7 * MIB]);
  });
});
