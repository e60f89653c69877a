import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Call } from '../../core/call.js';
import { silentLogger } from '../../core/log.js';
import type { PullDatasetResponse } from '../../proto/gen/sciclomatic/storage/v1/manifest.js';
import type { EndedPull } from './auditor.js';
import { type DatasetEntry, HealthStore } from './health-store.js';
import { Repairer } from './repairer.js';
import type { StoragePeer } from './storage-peer.js';

const STALL_MS = 200;

type PullDataset = StoragePeer['pullDataset'];

const progress = (heldChunkCount: number, complete = false): PullDatasetResponse => ({
  heldChunkCount: BigInt(heldChunkCount),
  totalChunkCount: 10n,
  receivedBytes: 0n,
  complete,
});

function createPeer(id: string, pullDataset: PullDataset): StoragePeer {
  return {
    id,
    institutionId: id,
    address: id,
    healthy: true,
    hasChunks: () => Promise.resolve([]),
    readFreeBytes: () => Promise.resolve(null),
    challenge: () => Promise.resolve([]),
    readChunks: async function* () {},
    listManifests: async function* () {},
    pullDataset,
  };
}

/** Never comes; ends with the call, as a gRPC stream does. */
const silenceUntilEnd = ({ signal }: Call): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

describe('Repairer', () => {
  let dir: string;
  let store: HealthStore;
  let ended: EndedPull[];
  let entry: DatasetEntry;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'repairer-'));
    store = new HealthStore(dir);
    ended = [];
    const facts = {
      datasetId: 'sc:1',
      manifestHash: 'aa',
      createdAt: '2026-01-01T00:00:00Z',
      chunkIds: Buffer.alloc(320),
    };
    await store.addListing(facts, { peerId: 'a', institutionId: 'a' }, { sequence: 1, manifestHash: 'aa' });
    const added = store.readDataset('sc:1');
    if (added === undefined) throw new Error('The dataset was not kept');
    entry = added;
  });
  afterEach(async () => {
    jest.useRealTimers();
    await store.close();
    await rm(dir, { recursive: true });
  });

  function startPull(pullDataset: PullDataset): Repairer {
    const peers = [createPeer('a', async function* () {}), createPeer('b', pullDataset)];
    const repairer = new Repairer({
      store,
      maxPulls: 1,
      stallMs: STALL_MS,
      random: () => 0,
      now: () => 0,
      log: silentLogger,
      listPeers: () => Promise.resolve(peers),
      audit: (pulls) => {
        ended.push(...pulls);
        return Promise.resolve();
      },
    });
    const targets = [{ peerId: 'b', institutionId: 'b' }];
    repairer.request({ entry, plan: { targets, sourceIds: ['a'], outlook: { possible: true } }, settled: false });
    return repairer;
  }

  it('gives up a pull that makes no progress, and says so', async () => {
    const repairer = startPull(async function* (_hash, _from, call) {
      yield progress(3);
      await silenceUntilEnd(call);
    });
    await repairer.idle();
    expect(ended).toEqual([
      { datasetId: 'sc:1', peerId: 'b', problem: `DEADLINE_EXCEEDED: no progress for ${STALL_MS} ms` },
    ]);
    expect(repairer.listPulls('sc:1')).toEqual([]);
  });

  it('lets a pull take longer than a stall as long as it makes progress', async () => {
    jest.useFakeTimers({ doNotFake: ['Date', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'] });
    let cut = false;
    const repairer = startPull(async function* (_hash, _from, { signal }) {
      for (let heldChunkCount = 0; heldChunkCount < 10; heldChunkCount += 1) {
        yield progress(heldChunkCount);
        jest.advanceTimersByTime(STALL_MS - 1);
        cut ||= signal.aborted;
      }
      yield progress(10, true);
    });
    await repairer.idle();
    expect(cut).toBe(false);
    expect(ended).toEqual([{ datasetId: 'sc:1', peerId: 'b', problem: undefined }]);
  });

  it('calls a pull failed that ends before it is complete', async () => {
    const repairer = startPull(async function* () {
      yield progress(9);
    });
    await repairer.idle();
    expect(ended).toMatchObject([{ problem: 'the pull ended before it was complete' }]);
  });

  it('breaks off a pull when it is stopped, and audits nothing', async () => {
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const repairer = startPull(async function* (_hash, _from, call) {
      yield progress(1);
      begin();
      await silenceUntilEnd(call);
    });
    await begun;
    await repairer.stop();
    expect(ended).toEqual([]);
  });
});
