import { describe, expect, it } from '@jest/globals';
import { hexSha256 } from '../../../core/node-hashes.js';
import { createTestCall } from '../../../core/test-call.js';
import { createMemorySearchIndex } from '../../search/memory/memory-search-index.js';
import { lorenzAttractor } from './processes/lorenz-attractor.js';
import { starCatalogue } from './processes/star-catalogue.js';
import { computeFile, readNpy } from './read-back.js';
import { createRecord } from './sample-dataset.js';
import { SAMPLE_PROCESSES } from './sample-processes.js';

const named = SAMPLE_PROCESSES.map((about) => [about.localId, about] as const);

/** Whether no number of the file is infinite or none at all. */
function holdsNumbersOnly(path: string, bytes: Uint8Array): boolean {
  if (path.endsWith('.npy')) return readNpy(bytes).values.every(Number.isFinite);
  return !/NaN|Infinity|undefined/.test(new TextDecoder().decode(bytes));
}

describe('the sample processes', () => {
  it.each(named)('%s gives the same bytes twice, all of them numbers', (localId, about) => {
    expect(localId).toMatch(/^[a-z]+(-[a-z0-9]+)*$/);
    for (const { path, bytes } of about.compute()) {
      expect(path).toMatch(/^[\w.-]+\.(csv|json|npy)$/);
      expect([path, hexSha256(bytes)]).toEqual([path, hexSha256(computeFile(about, path))]);
      expect([path, holdsNumbersOnly(path, bytes)]).toEqual([path, true]);
    }
  });

  it('computes the bytes that every other machine computes', () => {
    // These may change only together with the version in SAMPLE_GENERATOR.
    expect(hexSha256(computeFile(lorenzAttractor, 'trajectory.npy'))).toBe(
      'bbbb1be8b58c06fbb54c667a7345378fc33a95fadf89e7741bef7a5ba4b5bff5',
    );
    expect(hexSha256(computeFile(starCatalogue, 'stars.csv'))).toBe(
      '60a9be22cc71468fc13b2c8412ec211b74d85d43ddc540925c846bd23ff54595',
    );
  });

  it('never moves a dataset in the listing: cursors that were given out name places in it', () => {
    const ids = SAMPLE_PROCESSES.map((about) => about.localId);
    expect(ids.slice(0, 3)).toEqual(['lorenz-attractor', 'rossler-attractor', 'logistic-map']);
    expect(ids[25]).toBe('fractal-terrain');
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('describes each so that a search finds it first by its own name', async () => {
    const index = createMemorySearchIndex();
    const call = createTestCall();
    await index.apply({ upserts: SAMPLE_PROCESSES.map((about) => createRecord(about, [])), deletes: [] }, call);
    const request = { filter: {}, sort: 'RELEVANCE', first: 1, facets: [], highlight: false } as const;
    const findFirst = async (text: string) => (await index.search({ ...request, text }, call)).hits[0]?.record.id;
    for (const { localId, title } of SAMPLE_PROCESSES) expect(await findFirst(title)).toBe(`sample:${localId}`);
    expect(await findFirst('lorenz attractor')).toBe('sample:lorenz-attractor');
    expect(await findFirst('three-body problem')).toBe('sample:figure-eight-orbit');
    expect(await findFirst('stars drawn from a mass function')).toBe('sample:star-catalogue');
  });
});
