import { describe, expect, it } from '@jest/globals';
import { createDatasetId, parseRepositoryId } from '../../../core/ids.js';
import { createTestCall } from '../../../core/test-call.js';
import { runConformance } from '../../conformance.js';
import { repositoryConformance } from '../conformance/repository-conformance.js';
import type { DatasetBatch, RepositoryAdapter } from '../contract.js';
import { createMemoryRepository, type MemoryDataset, type MemoryRepository } from './memory-repository.js';

const dataset = (localId: string, title = localId, files: Record<string, string> = {}): MemoryDataset => ({
  record: { id: createDatasetId(parseRepositoryId('shelf'), localId), title, creators: [], subjects: [], files: null },
  files: new Map(Object.entries(files).map(([path, content]) => [path, new TextEncoder().encode(content)])),
});

const createShelf = (batchSize?: number): MemoryRepository =>
  createMemoryRepository({
    id: 'shelf',
    description: 'Five small datasets.',
    datasets: ['a', 'b#1', 'c%d', 'd', 'e'].map((id) =>
      dataset(id, `Title ${id}`, { 'x.csv': `${id},1,2,3\n`, y: '' }),
    ),
    batchSize,
  });

async function list(adapter: RepositoryAdapter, after?: string): Promise<DatasetBatch[]> {
  const batches: DatasetBatch[] = [];
  for await (const batch of adapter.listDatasets(after, createTestCall())) batches.push(batch);
  return batches;
}

const idsOf = (batches: readonly DatasetBatch[]): string[] =>
  batches.flatMap((batch) => batch.records.map((record) => record.id));

describe('the memory repository', () => {
  it.each([1, 2, 100])('passes the conformance suite with batches of %d', async (batchSize) => {
    const outcomes = await runConformance(repositoryConformance, async () => createShelf(batchSize));
    expect(outcomes.filter((outcome) => outcome.state !== 'PASSED')).toEqual([]);
    expect(outcomes).toHaveLength(repositoryConformance.length);
  });

  it('lists files from the bytes, sorted by path', async () => {
    const adapter = createMemoryRepository({
      id: 'shelf',
      description: 'One',
      datasets: [dataset('a', 'A', { b: '12', Z: '1', 'a/b': '123' })],
    });
    const { files } = await adapter.readDataset('a', createTestCall());
    expect(files?.map((file) => [file.path, file.sizeBytes])).toEqual([
      ['Z', 1],
      ['a/b', 3],
      ['b', 2],
    ]);
  });

  it('tells what was put and withdrawn after a cursor, and nothing else', async () => {
    const adapter = createShelf(2);
    const cursor = (await list(adapter)).at(-1)?.cursor;
    adapter.put(dataset('b#1', 'Corrected'));
    adapter.put(dataset('f'));
    adapter.withdraw('d');
    const later = await list(adapter, cursor);
    expect(idsOf(later)).toEqual(['shelf:b%231', 'shelf:f']);
    expect(later.flatMap((batch) => batch.deletedLocalIds)).toEqual(['d']);
    expect(idsOf(await list(adapter))).toEqual(['shelf:a', 'shelf:c%25d', 'shelf:e', 'shelf:b%231', 'shelf:f']);
  });

  it('lists no dataset twice when it is replaced while a listing runs', async () => {
    const adapter = createShelf(1);
    const ids: string[] = [];
    for await (const batch of adapter.listDatasets(undefined, createTestCall())) {
      ids.push(...idsOf([batch]));
      if (ids.length === 1) adapter.put(dataset('a', 'Replaced'));
    }
    expect(ids).toEqual(['shelf:a', 'shelf:b%231', 'shelf:c%25d', 'shelf:d', 'shelf:e']);
  });

  it('refuses a dataset of another repository', () => {
    const foreign = dataset('a');
    expect(() => createShelf().put({ ...foreign, record: { ...foreign.record, id: 'other:a' } })).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT' }),
    );
  });

  it('refuses to withdraw what is not there', () => {
    expect(() => createShelf().withdraw('z')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });
});
