import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openStorageState, type StorageState } from './state.js';
import { openUploads } from './uploads.js';

const KEPT_MS = 1000;

describe('uploads', () => {
  let dir: string;
  let state: StorageState;
  let nowMs = 0;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'uploads-'));
    state = openStorageState(dir);
  });
  afterEach(async () => {
    await state.close();
    await rm(dir, { recursive: true });
  });

  it('are kept for their time after they came, not after they were announced', async () => {
    const uploads = openUploads(state, KEPT_MS, () => nowMs);
    const [slow, never] = await uploads.create(['slow', 'never'].map((path) => ({ path, sizeBytes: 0 })));
    if (!slow || !never) throw new Error('Two were asked for');
    nowMs += KEPT_MS - 1;
    await uploads.complete(uploads.read(slow.id), { sizeBytes: 0, chunkIds: [], digests: {} });
    nowMs += KEPT_MS - 1;
    await uploads.removeExpired();
    expect(uploads.read(slow.id)).toMatchObject({ path: 'slow', stored: { sizeBytes: 0 } });
    expect(() => uploads.read(never.id)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    nowMs += 1;
    await uploads.removeExpired();
    expect(() => uploads.read(slow.id)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });
});
