import { describe, expect, it } from '@jest/globals';
import type { ChunkId } from '../../../core/ids.js';
import { runConformance } from '../../conformance.js';
import { type ChunkStoreSubject, chunkStoreConformance } from '../conformance/chunk-store-conformance.js';
import { createMemoryChunkStore } from './memory-chunk-store.js';

const QUOTA_BYTES = 4 * 1024 * 1024 + 10;

function createSubject(): ChunkStoreSubject {
  const chunks = new Map<ChunkId, Uint8Array>();
  const store = createMemoryChunkStore({ quotaBytes: QUOTA_BYTES, chunks });
  return {
    supports: store.supports,
    store,
    quotaBytes: QUOTA_BYTES,
    damage: async (id) => {
      chunks.get(id)?.fill(0);
    },
    reopen: async () => store,
    close: () => store.close(),
  };
}

describe('the memory chunk store', () => {
  it('passes the conformance suite', async () => {
    const outcomes = await runConformance(chunkStoreConformance, async () => createSubject());
    expect(outcomes.filter(({ state }) => state === 'FAILED')).toEqual([]);
    expect(outcomes.filter(({ state }) => state === 'SKIPPED').map(({ name }) => name)).toEqual([
      'a restart loses nothing and counts the same',
    ]);
  });
});
