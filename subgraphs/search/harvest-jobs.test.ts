import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type HarvestJobRecord, HarvestJobs } from './harvest-jobs.js';

const AT = '2026-01-01T00:00:00.000Z';
const job = (cursor: string): HarvestJobRecord => ({
  id: 'harvest-1',
  harvestId: 'harvest-1',
  repository: 'shelf',
  state: 'SUCCEEDED',
  startedAt: AT,
  finishedAt: AT,
  full: true,
  cursor,
  partCount: 1,
  digest: '',
  recordCount: 1,
  deletedCount: 0,
  problemCount: 0,
  problems: [],
  error: null,
});

describe('the jobs of harvests', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'harvest-jobs-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('do not count a repository as read whose harvest could not be written down', async () => {
    const jobs = await HarvestJobs.open(dir);
    await mkdir(join(dir, 'harvests.json'));
    await expect(jobs.write(job('first'))).rejects.toMatchObject({ name: 'SciclomaticError' });
    expect(jobs.readFinished('shelf')).toBeUndefined();

    await rm(join(dir, 'harvests.json'), { recursive: true });
    await jobs.write(job('second'));
    expect((await HarvestJobs.open(dir)).readFinished('shelf')).toEqual({ cursor: 'second', at: AT });
  });
});
