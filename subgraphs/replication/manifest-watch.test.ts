import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestCall } from '../../core/test-call.js';
import { createFakeDataset, type FakeDataset } from './fake-dataset.fixture.js';
import { HealthStore } from './health-store.js';
import { checkPeerSequence, readNewManifests } from './manifest-watch.js';
import type { StoragePeer } from './storage-peer.js';

const datasets = Array.from({ length: 4 }, (_, index) => createFakeDataset(`watched ${index}`, 1));
const [first, second, third, fourth] = datasets as [FakeDataset, FakeDataset, FakeDataset, FakeDataset];

describe('the watch over a peer’s list', () => {
  let dir: string;
  let store: HealthStore;
  const list: { epoch: string; held: readonly FakeDataset[] } = { epoch: '', held: [] };
  const peer = {
    id: 'a',
    institutionId: 'a-institution',
    listManifests: async function* (afterSequence: number, epoch: string) {
      const start = epoch === '' || epoch === list.epoch ? afterSequence : 0;
      for (const [index, { signed }] of list.held.slice(start).entries()) {
        yield { sequence: BigInt(start + index + 1), manifest: signed, epoch: list.epoch };
      }
    },
  } as Pick<StoragePeer, 'id' | 'institutionId' | 'listManifests'> as StoragePeer;
  const read = async (): Promise<string[]> => {
    const ids: string[] = [];
    for await (const id of readNewManifests(store, peer, createTestCall())) ids.push(id);
    return ids;
  };
  const listedIds = (): string[] =>
    [...store.listDatasets()]
      .flat()
      .filter(({ listedBy }) => listedBy.length > 0)
      .map(({ id }) => id)
      .sort();
  const idsOf = (...held: FakeDataset[]): string[] => held.map(({ id }) => id).sort();

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'watch-'));
    store = new HealthStore(dir);
  });
  afterEach(async () => {
    await store.close();
    await rm(dir, { recursive: true });
  });

  it('begins anew when the peer lost its store, although the new one has another manifest at the known number', async () => {
    Object.assign(list, { epoch: 'one', held: [first, second] });
    expect((await read()).sort()).toEqual(idsOf(first, second));
    // The same manifest at the same number as before, and before it one that was never read.
    Object.assign(list, { epoch: 'two', held: [third, second, fourth] });
    expect((await read()).sort()).toEqual(idsOf(second, third, fourth));
    expect(listedIds()).toEqual(idsOf(second, third, fourth));
    expect(await read()).toEqual([]);
  });

  it('takes the epoch of a peer that tells it for the first time for the one that it was read in', async () => {
    Object.assign(list, { epoch: '', held: [first, second] });
    await read();
    Object.assign(list, { epoch: 'one', held: [first, second, third] });
    expect(await read()).toEqual([third.id]);
    expect(listedIds()).toEqual(idsOf(first, second, third));
    await checkPeerSequence(store, peer, createTestCall());
    expect(listedIds()).toEqual(idsOf(first, second, third));
  });

  it('forgets what a peer listed that lost everything', async () => {
    Object.assign(list, { epoch: 'one', held: [first, second] });
    await read();
    Object.assign(list, { epoch: 'two', held: [] });
    await checkPeerSequence(store, peer, createTestCall());
    expect(listedIds()).toEqual([]);
  });
});
