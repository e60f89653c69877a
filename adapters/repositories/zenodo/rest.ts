import { z } from 'zod';
import { assertActive, type Call } from '../../../core/call.js';
import { type ErrorCode, SciclomaticError } from '../../../core/errors.js';
import type { RepositoryId } from '../../../core/ids.js';
import type { DatasetRecord, FileRecord } from '../../../formats/dataset-record.js';
import { MAX_BATCH_BYTES, measureRecord } from '../batch-limits.js';
import type {
  DatasetBatch,
  FileRange,
  RecordProblem,
  RepositoryAdapter,
  RepositoryDescription,
  RepositorySupports,
} from '../contract.js';
import type { SourceClient } from '../fetch-source.js';
import { resolveFileRange } from '../file-range.js';
import { createRecordProblem } from '../record-problem.js';
import { openRange } from './open-range.js';
import { decodePosition, encodePosition, REST_BEGINNING, type RestPosition } from './rest-position.js';
import { parseRestRecord } from './rest-record.js';
import { parseLocalId } from './zenodo-id.js';
import { parseInstant } from './zenodo-values.js';

export interface RestRepositoryOptions {
  readonly description: RepositoryDescription;
  readonly homepageUrl: string;
  /** Without `/` at its end. */
  readonly baseUrl: string;
  readonly client: SourceClient;
  readonly pageSize: number;
  readonly query: string | undefined;
  /** Community. */
  readonly set: string | undefined;
  /** Undefined = by time of change, which makes listings incremental and of any length. */
  readonly sort: string | undefined;
  /** Further parameters of the search, e.g. `type`. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Largest answer that is read, in bytes; 100 records of Zenodo have about 1 MB, but some list thousands of files. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** Hits that a search can reach (Elasticsearch's max_result_window). */
const SEARCH_WINDOW = 10_000;

const searchSchema = z.looseObject({
  hits: z.looseObject({ hits: z.array(z.unknown()), total: z.number().int().nonnegative() }),
});
const hitSchema = z.looseObject({
  id: z.union([z.number(), z.string()]),
  updated: z.string().nullish(),
  modified: z.string().nullish(),
});

export function createRestRepository(options: RestRepositoryOptions): RepositoryAdapter {
  return new RestRepository(options);
}

class RestRepository implements RepositoryAdapter {
  readonly id: RepositoryId;
  readonly supports: RepositorySupports;
  readonly #options: RestRepositoryOptions;
  readonly #list: string;

  constructor(options: RestRepositoryOptions) {
    this.id = options.description.id;
    this.#options = options;
    this.#list = `${this.id}/rest/${JSON.stringify([options.set, options.query, options.sort, options.parameters])}`;
    this.supports = {
      incremental: options.sort === undefined,
      deletions: false,
      files: true,
      fileBytes: true,
      ranges: true,
    };
  }

  async describe(call: Call): Promise<RepositoryDescription> {
    assertActive(call);
    return this.#options.description;
  }

  async *listDatasets(after: string | undefined, call: Call): AsyncGenerator<DatasetBatch> {
    assertActive(call);
    let position = after === undefined ? REST_BEGINNING : decodePosition(this.#list, after);
    for (;;) {
      const { hits, total } = await this.#search(position, call);
      const { full, last } = this.#createBatches(hits, position);
      for (const { contents, marks } of full) {
        assertActive(call);
        yield { ...contents, cursor: this.#encodeCursor(this.#stayOnPage(position, marks)) };
      }
      const isLast = hits.length === 0 || position.page * this.#options.pageSize >= total;
      position = this.#advance(position, last.marks);
      assertActive(call);
      if (last.contents.records.length + last.contents.problems.length > 0) {
        yield { ...last.contents, cursor: this.#encodeCursor(position) };
      }
      if (isLast) return;
      if (position.page * this.#options.pageSize > SEARCH_WINDOW) {
        throw this.#error(
          'LIMIT_EXCEEDED',
          `The search has ${total} hits; only ${SEARCH_WINDOW} can be reached in this order`,
        );
      }
    }
  }

  async readDataset(localId: string, call: Call): Promise<DatasetRecord> {
    assertActive(call);
    const recordNumber = parseLocalId(localId);
    if (recordNumber === undefined) throw this.#error('NOT_FOUND', `No dataset ${JSON.stringify(localId)}`);
    const answer = await this.#readJson(new URL(`${this.#options.baseUrl}/api/records/${recordNumber}`), call);
    return parseRestRecord(this.id, this.#options.homepageUrl, answer);
  }

  async openFile(localId: string, path: string, range: FileRange, call: Call): Promise<AsyncIterable<Uint8Array>> {
    const record = await this.readDataset(localId, call);
    const file = record.files?.find((one) => one.path === path);
    if (file === undefined) throw this.#error('NOT_FOUND', `${localId} has no file ${JSON.stringify(path)}`);
    const url = this.#addressOf(localId, file);
    if (file.sizeBytes === null) throw this.#error('SOURCE_INVALID_ANSWER', `The size of ${path} is not stated`);
    const { start, end } = resolveFileRange(range, file.sizeBytes);
    return openRange(
      { url, start, end, sizeBytes: file.sizeBytes, source: this.id, client: this.#options.client },
      call,
    );
  }

  async close(): Promise<void> {
    await this.#options.client.close();
  }

  async #search(position: RestPosition, call: Call): Promise<{ hits: readonly unknown[]; total: number }> {
    const { baseUrl, parameters, pageSize, query, set, sort } = this.#options;
    const bound = position.since === undefined ? undefined : `updated:["${position.since}" TO *]`;
    const q = bound !== undefined && query !== undefined ? `(${query}) AND ${bound}` : (bound ?? query);
    const url = new URL(`${baseUrl}/api/records`);
    const all = { ...parameters, q, communities: set, page: String(position.page), size: String(pageSize) };
    for (const [name, value] of Object.entries({ ...all, sort: sort ?? 'updated-asc' })) {
      if (value !== undefined && value !== '') url.searchParams.set(name, value);
    }
    const answer = searchSchema.safeParse(
      await this.#readJson(url, call).catch((error: unknown) => {
        throw error instanceof SciclomaticError && error.code === 'NOT_FOUND'
          ? this.#error('SOURCE_INVALID_ANSWER', `No search at ${url.origin}${url.pathname}`)
          : error;
      }),
    );
    if (!answer.success)
      throw this.#error('SOURCE_INVALID_ANSWER', `${url.pathname} answered something that is no search result`);
    return { hits: answer.data.hits.hits, total: answer.data.hits.total };
  }

  async #readJson(url: URL, call: Call): Promise<unknown> {
    const request = { url: url.href, headers: { accept: 'application/json' } };
    const { text } = await this.#options.client.readText(request, MAX_ANSWER_BYTES, call);
    try {
      return JSON.parse(text);
    } catch (error) {
      const what = /^\s*</.test(text) ? 'A page for people where JSON was promised' : 'Not JSON';
      throw new SciclomaticError('SOURCE_INVALID_ANSWER', `${what}: ${url.pathname}`, {
        cause: error,
        source: this.id,
      });
    }
  }

  /** What a page holds beside what was told before: one batch, and others before it when its records are too large for one. */
  #createBatches(hits: readonly unknown[], position: RestPosition): { full: PageBatch[]; last: PageBatch } {
    const full: PageBatch[] = [];
    const marks: HitMark[] = [];
    let contents = createContents();
    let sizeBytes = 0;
    for (const [index, hit] of hits.entries()) {
      const parsed = hitSchema.safeParse(hit);
      const id = parsed.success ? String(parsed.data.id) : `hit ${index + 1} of page ${position.page}`;
      const updated = parsed.success
        ? parseInstant(parsed.data.updated ?? parsed.data.modified ?? undefined)
        : undefined;
      const isTold = position.told.has(id) && (this.#options.sort !== undefined || updated === position.since);
      const entry = isTold ? {} : this.#readEntry(id, hit);
      const entryBytes = entry.record === undefined ? 0 : measureRecord(entry.record);
      if (contents.records.length > 0 && sizeBytes + entryBytes > MAX_BATCH_BYTES) {
        full.push({ contents, marks: [...marks] });
        contents = createContents();
        sizeBytes = 0;
      }
      sizeBytes += entryBytes;
      marks.push({ id, updated });
      if (entry.record !== undefined) contents.records.push(entry.record);
      if (entry.problem !== undefined) contents.problems.push(entry.problem);
    }
    return { full, last: { contents, marks } };
  }

  #readEntry(id: string, hit: unknown): { readonly record?: DatasetRecord; readonly problem?: RecordProblem } {
    try {
      return { record: parseRestRecord(this.id, this.#options.homepageUrl, hit) };
    } catch (error) {
      return { problem: createRecordProblem(id, error) };
    }
  }

  /** Within a page: by time of change as at its end; in another order the page is asked for again and what was told is known. */
  #stayOnPage(position: RestPosition, marks: readonly HitMark[]): RestPosition {
    if (this.#options.sort === undefined) return this.#advance(position, marks);
    const told = marks.map(({ id }) => id).filter((id) => /^\d+$/.test(id));
    return { ...position, told: new Set([...position.told, ...told]) };
  }

  /**
   * By time of change, the next search begins at the last change seen, so that no window limits the listing and nothing
   * is skipped when records change meanwhile; only while a whole page has one time, pages are turned.
   */
  #advance(position: RestPosition, marks: readonly HitMark[]): RestPosition {
    const turned = { ...position, page: position.page + 1 };
    if (this.#options.sort !== undefined) return { ...turned, told: new Set() };
    let previous = position.since ?? '';
    for (const { updated } of marks) {
      if (updated === undefined) continue;
      // A source that ignores the order that was asked for would lose records without a word.
      if (updated < previous) throw this.#error('SOURCE_INVALID_ANSWER', 'The hits are not sorted by time of change');
      previous = updated;
    }
    const newest = marks.filter(({ id, updated }) => updated === previous && /^\d+$/.test(id)).map(({ id }) => id);
    if (newest.length === 0) return turned;
    if (previous === position.since) return { ...turned, told: new Set([...position.told, ...newest]) };
    return { since: previous, page: 1, told: new Set(newest) };
  }

  /** By time of change, a later run begins at the first page again: pages move when records change, what was told is known. */
  #encodeCursor(position: RestPosition): string {
    return encodePosition(this.#list, this.#options.sort === undefined ? { ...position, page: 1 } : position);
  }

  #addressOf(localId: string, file: FileRecord): string {
    if (file.sourceUrl !== undefined) return file.sourceUrl;
    return `${this.#options.baseUrl}/api/records/${parseLocalId(localId)}/files/${encodeURIComponent(file.path)}/content`;
  }

  #error(code: ErrorCode, message: string): SciclomaticError {
    return new SciclomaticError(code, message, { source: this.id });
  }
}

/** What positions are made of. */
interface HitMark {
  readonly id: string;
  readonly updated: string | undefined;
}

interface PageBatch {
  readonly contents: ReturnType<typeof createContents>;
  /** Of the page's hits so far, those told before included. */
  readonly marks: readonly HitMark[];
}

const createContents = () => ({
  records: [] as DatasetRecord[],
  deletedLocalIds: [] as string[],
  problems: [] as RecordProblem[],
});
