import assert from 'node:assert/strict';
import { type Call, createCall } from '../../../core/call.js';
import { type ErrorCode, SciclomaticError } from '../../../core/errors.js';
import type { DatasetId } from '../../../core/ids.js';
import { silentLogger } from '../../../core/log.js';
import type { DatasetRecord } from '../../../formats/dataset-record.js';
import type { SearchIndex, SearchRequest, SearchResult } from '../contract.js';

/** Time given to one call of a case: a hanging index fails instead of hanging the run. */
const CALL_TIMEOUT_MS = 20_000;

export const createCaseCall = (): Call => createCall({ log: silentLogger, timeoutMs: CALL_TIMEOUT_MS });

/** A record with a title and what else a case needs. */
export function createRecord(id: string, title: string, rest: Partial<DatasetRecord> = {}): DatasetRecord {
  return { id, title, creators: [], subjects: [], files: null, ...rest };
}

/** `zenodo:000`, `zenodo:001`, …: ids in code-unit order. */
export function createRecords(
  count: number,
  describe: (number: number) => { title: string } & Partial<DatasetRecord>,
  repository = 'zenodo',
): DatasetRecord[] {
  return Array.from({ length: count }, (_, number) => {
    const { title, ...rest } = describe(number);
    return createRecord(`${repository}:${String(number).padStart(3, '0')}`, title, rest);
  });
}

export async function upsert(index: SearchIndex, ...records: readonly DatasetRecord[]): Promise<void> {
  await index.apply({ upserts: records, deletes: [] }, createCaseCall());
}

export async function remove(index: SearchIndex, ...ids: readonly string[]): Promise<void> {
  await index.apply({ upserts: [], deletes: ids as readonly DatasetId[] }, createCaseCall());
}

export function search(index: SearchIndex, request: Partial<SearchRequest> = {}): Promise<SearchResult> {
  const defaults = { text: '', filter: {}, sort: 'RELEVANCE', first: 100, facets: [], highlight: false } as const;
  return index.search({ ...defaults, ...request }, createCaseCall());
}

export const listHitIds = (result: SearchResult): string[] => result.hits.map((hit) => hit.record.id);

/** Ids found by a text, best first. */
export async function findIds(index: SearchIndex, text: string): Promise<string[]> {
  return listHitIds(await search(index, { text }));
}

/** Follows cursors from `after` to the end; `meanwhile` runs between pages. */
export async function listRest(
  index: SearchIndex,
  request: Partial<SearchRequest>,
  meanwhile: (page: number) => Promise<void> = async () => undefined,
): Promise<string[]> {
  const ids: string[] = [];
  let after = request.after;
  for (let page = 0; ; page++) {
    const result = await search(index, { ...request, after });
    ids.push(...listHitIds(result));
    const last = result.hits.at(-1);
    if (!result.hasNextPage || last === undefined) return ids;
    assert.ok(page < 1000, 'the list ends');
    after = last.cursor;
    await meanwhile(page);
  }
}

/** Cursor of the last hit of a page. */
export function lastCursor(result: SearchResult): string {
  const last = result.hits.at(-1);
  assert.ok(last, 'the page has hits');
  return last.cursor;
}

/** Fails unless the call is refused with this code. */
export async function assertRefused(code: ErrorCode, call: Promise<unknown>): Promise<void> {
  const outcome = await call.then(
    () => 'an answer',
    (error: unknown) => (error instanceof SciclomaticError ? error.code : error),
  );
  assert.equal(outcome, code);
}
