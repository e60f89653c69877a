import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SciclomaticError } from '../../../core/errors.js';
import type { DatasetId } from '../../../core/ids.js';
import { createTestCall } from '../../../core/test-call.js';
import type { DatasetRecord } from '../../../formats/dataset-record.js';
import { FACET_FIELDS, type SearchFilter, type SearchIndex, type SearchRequest } from '../contract.js';
import { createMemorySearchIndex } from '../memory/memory-search-index.js';
import { createEmbeddedSearchIndex } from './embedded-search-index.js';

const words = fc.constantFrom('ice', 'ices', 'Eis', 'glace', 'snow', 'rock', '氷河', 'neige', 'é', '10.1234/x');
const text = (maxLength: number) => fc.array(words, { maxLength }).map((list) => list.join(' '));
const ids = fc
  .tuple(fc.constantFrom('a', 'b', 'ab', 'z'), fc.integer({ min: 0, max: 5 }))
  .map(([repository, number]) => `${repository}:${number}`);
const values = fc.constantFrom('x', 'y', 'Z', '');
const records: fc.Arbitrary<DatasetRecord> = fc.record({
  id: ids,
  title: text(4).map((title) => title || 'untitled'),
  description: fc.option(text(12), { nil: undefined }),
  creators: fc.array(
    values.map((name) => ({ name })),
    { maxLength: 3 },
  ),
  subjects: fc.array(fc.oneof(values, words), { maxLength: 4 }),
  license: fc.option(values, { nil: undefined }),
  publishedAt: fc.option(fc.constantFrom('2019', '2019-05', '2020-01-01', 'soon'), { nil: undefined }),
  files: fc.constantFrom(null, [], [{ path: 'a', sizeBytes: 1, checksums: [] }]),
});

const facets = fc
  .uniqueArray(fc.constantFrom(...FACET_FIELDS), { maxLength: 3 })
  .chain((fields) =>
    fc.tuple(...fields.map((field) => fc.record({ field: fc.constant(field), size: fc.integer({ min: 1, max: 4 }) }))),
  );
const filters: fc.Arbitrary<SearchFilter> = fc.record(
  {
    repository: fc.uniqueArray(fc.constantFrom('a', 'b', 'ab', 'none'), { maxLength: 3 }),
    subject: fc.array(fc.oneof(values, words), { minLength: 1, maxLength: 3 }),
    license: fc.array(values, { minLength: 1, maxLength: 3 }),
    year: fc.constantFrom(['2019'], ['2019', '2020']),
  },
  { requiredKeys: [] },
);
const requests: fc.Arbitrary<SearchRequest> = fc.record({
  text: text(3),
  filter: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 2, arbitrary: filters }),
  sort: fc.constantFrom('RELEVANCE', 'ID'),
  first: fc.integer({ min: 0, max: 4 }),
  facets,
  highlight: fc.boolean(),
});

type Step =
  | { readonly kind: 'apply'; readonly upserts: readonly DatasetRecord[]; readonly deletes: readonly string[] }
  | { readonly kind: 'search'; readonly request: SearchRequest }
  | { readonly kind: 'continue'; readonly list: number }
  | { readonly kind: 'reopen' }
  | { readonly kind: 'wait'; readonly minutes: number };

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('apply' as const),
      upserts: fc.array(records, { maxLength: 3 }),
      deletes: fc.array(ids, { maxLength: 2 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('search' as const), request: requests }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('continue' as const), list: fc.nat() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 12 }) }) },
);

/** A list begun earlier, with the cursor of either index. */
interface OpenList {
  readonly request: SearchRequest;
  readonly model: string;
  readonly tried: string;
}

/** An answer without its cursors, which are each index's own; a refusal by its code. */
async function ask(index: SearchIndex, request: SearchRequest) {
  try {
    const { hits, ...counts } = await index.search(request, createTestCall());
    return {
      cursors: hits.map((hit) => hit.cursor),
      answer: { ...counts, hits: hits.map(({ cursor: _, ...hit }) => hit) },
    };
  } catch (error) {
    return { cursors: [], answer: SciclomaticError.from(error).code };
  }
}

async function listEverything(index: SearchIndex) {
  const call = createTestCall();
  const found: Record<string, unknown> = { counts: [...(await index.countByRepository(call))].sort() };
  for (const repository of ['a', 'b', 'ab', 'z']) {
    const listed: DatasetId[] = [];
    for await (const id of index.listIds(repository, call)) listed.push(id);
    found[repository] = await index.readDatasets(listed, call);
  }
  return found;
}

describe('the embedded index and the obvious model', () => {
  it('give the same answers, scores and cursors through any history', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 30, maxLength: 120, size: 'max' }), async (history) => {
        const dir = await mkdtemp(join(tmpdir(), 'sc-search-property-'));
        let nowMs = 1_000_000;
        const now = () => nowMs;
        const model = createMemorySearchIndex({ now });
        let tried = await createEmbeddedSearchIndex({ dir, now });
        const lists: OpenList[] = [];
        const compare = async (request: SearchRequest, modelAfter?: string, triedAfter?: string): Promise<void> => {
          const expected = await ask(model, { ...request, after: modelAfter });
          const actual = await ask(tried, { ...request, after: triedAfter });
          expect(actual.answer).toEqual(expected.answer);
          const [modelCursor, triedCursor] = [expected.cursors.at(-1), actual.cursors.at(-1)];
          if (modelCursor !== undefined && triedCursor !== undefined)
            lists.push({ request, model: modelCursor, tried: triedCursor });
        };
        try {
          for (const step of history) {
            if (step.kind === 'apply') {
              const change = {
                upserts: step.upserts,
                deletes: step.deletes as readonly string[] as readonly DatasetId[],
              };
              for (const index of [model, tried]) await index.apply(change, createTestCall());
            } else if (step.kind === 'search') await compare(step.request);
            else if (step.kind === 'continue') {
              const list = lists[step.list % Math.max(1, lists.length)];
              if (list !== undefined) await compare(list.request, list.model, list.tried);
            } else if (step.kind === 'wait') nowMs += step.minutes * 60_000;
            else {
              await tried.close();
              tried = await createEmbeddedSearchIndex({ dir, now });
            }
          }
          expect(await listEverything(tried)).toEqual(await listEverything(model));
        } finally {
          await tried.close();
          await rm(dir, { recursive: true });
        }
      }),
      // Bounds the shrinking of a failure; a slow machine may do fewer histories.
      { numRuns: Number(process.env.SC_PROPERTY_RUNS ?? 25), interruptAfterTimeLimit: 60_000 },
    );
  }, 120_000);
});
