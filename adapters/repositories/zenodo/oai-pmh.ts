import { assertActive, type Call } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import type { RepositoryId } from '../../../core/ids.js';
import type { DatasetRecord } from '../../../formats/dataset-record.js';
import { MAX_BATCH_BYTES, measureRecord } from '../batch-limits.js';
import type {
  DatasetBatch,
  RecordProblem,
  RepositoryAdapter,
  RepositoryDescription,
  RepositorySupports,
} from '../contract.js';
import type { SourceClient } from '../fetch-source.js';
import { createRecordProblem } from '../record-problem.js';
import type { OaiAnswer, OaiRecord } from './oai-answer.js';
import {
  decodePosition,
  encodePosition,
  nextRun,
  nextWindow,
  OAI_BEGINNING,
  type OaiPosition,
  shortenWindow,
} from './oai-position.js';
import { parseOaiRecord } from './oai-record.js';
import { createOaiSource, type OaiArguments, type OaiSource } from './oai-source.js';
import { createLocalId, parseLocalId, parseOaiIdentifier } from './zenodo-id.js';

export interface OaiRepositoryOptions {
  readonly description: RepositoryDescription;
  readonly homepageUrl: string;
  readonly endpointUrl: string;
  readonly client: SourceClient;
  /** Undefined = `datacite`, and `oai_dc` where the source does not know it. */
  readonly metadataPrefix: string | undefined;
  readonly set: string | undefined;
  readonly from: string | undefined;
  readonly until: string | undefined;
  /** Records that a window should not exceed; 0 = one window for everything. */
  readonly windowRecords: number;
}

/** Times that a window is begun again because its token had expired, without a new record in between. */
const MAX_RESTARTS = 3;
const FALLBACK_PREFIX = 'oai_dc';

export function createOaiRepository(options: OaiRepositoryOptions): RepositoryAdapter {
  return new OaiRepository(options);
}

class OaiRepository implements RepositoryAdapter {
  readonly id: RepositoryId;
  readonly supports: RepositorySupports = {
    incremental: true,
    deletions: true,
    files: false,
    fileBytes: false,
    ranges: false,
  };
  readonly #options: OaiRepositoryOptions;
  readonly #source: OaiSource;
  readonly #list: string;
  #metadataPrefix: string;

  constructor(options: OaiRepositoryOptions) {
    this.id = options.description.id;
    this.#options = options;
    this.#source = createOaiSource(options.endpointUrl, this.id, options.client);
    this.#list = `${this.id}/oai-pmh/${options.set ?? ''}`;
    this.#metadataPrefix = options.metadataPrefix ?? 'datacite';
  }

  async describe(call: Call): Promise<RepositoryDescription> {
    assertActive(call);
    return this.#options.description;
  }

  async *listDatasets(after: string | undefined, call: Call): AsyncGenerator<DatasetBatch> {
    assertActive(call);
    const { from, until } = this.#options;
    let position = after === undefined ? { ...OAI_BEGINNING, from, until } : decodePosition(this.#list, after);
    let told = after;
    let restarts = 0;
    for (;;) {
      const answer = await this.#ask(position, call);
      position = { ...position, startedAt: position.startedAt ?? answer.responseDate };
      if (answer.errors.some(({ code }) => code === 'badResumptionToken')) {
        restarts += 1;
        if (position.token === undefined || restarts > MAX_RESTARTS) {
          throw this.#error('SOURCE_UNAVAILABLE', 'The source refuses its own resumption tokens');
        }
        call.log.info(
          { source: this.id, from: position.from },
          'Resumption token expired; asking for the window again',
        );
        position = { ...position, token: undefined };
        continue;
      }
      const shorter = await this.#shorten(position, answer, call);
      if (shorter !== undefined) {
        position = shorter;
        continue;
      }
      const { full, last } = this.#createBatches(answer.records, position);
      // A cursor within a page asks for the page again and knows what was told of it.
      for (const batch of full) {
        assertActive(call);
        yield { ...batch.contents, cursor: encodePosition(this.#list, batch.position) };
      }
      if (last.size > 0) restarts = 0;
      const page = { ...last.position, token: answer.resumptionToken };
      const following = page.token === undefined ? nextWindow(page, until) : page;
      position = following ?? nextRun(page, until);
      const cursor = encodePosition(this.#list, position);
      assertActive(call);
      // The last batch may be empty: its cursor is where the next run begins.
      if (last.size > 0 || (following === undefined && cursor !== told)) yield { ...last.contents, cursor };
      told = cursor;
      if (following === undefined) return;
    }
  }

  async readDataset(localId: string, call: Call): Promise<DatasetRecord> {
    assertActive(call);
    const recordNumber = parseLocalId(localId);
    if (recordNumber === undefined) throw this.#error('NOT_FOUND', `No dataset ${JSON.stringify(localId)}`);
    const identifier = `oai:${new URL(this.#options.homepageUrl).hostname}:${recordNumber}`;
    const answer = await this.#askInFormat('GetRecord', { identifier }, ['idDoesNotExist'], call);
    const [record] = answer.records;
    if (answer.errors.length > 0 || record?.deleted) throw this.#error('NOT_FOUND', `No dataset ${localId}`);
    if (record === undefined) throw this.#error('SOURCE_INVALID_ANSWER', `GetRecord of ${identifier} gave no record`);
    return parseOaiRecord(this.id, this.#options.homepageUrl, record);
  }

  async openFile(localId: string): Promise<AsyncIterable<Uint8Array>> {
    throw this.#error('UNSUPPORTED', `OAI-PMH gives no files of ${localId}; the REST protocol does`);
  }

  async close(): Promise<void> {
    await this.#options.client.close();
  }

  #ask(position: OaiPosition, call: Call): Promise<OaiAnswer> {
    const { from, until, token } = position;
    if (token !== undefined) {
      return this.#source.ask('ListRecords', { resumptionToken: token }, ['badResumptionToken'], call);
    }
    return this.#askInFormat('ListRecords', { from, until, set: this.#options.set }, ['noRecordsMatch'], call);
  }

  /** Falls back to the format that every OAI-PMH source must have, unless the format was chosen by configuration. */
  async #askInFormat(
    verb: string,
    parameters: OaiArguments,
    expectedErrors: readonly string[],
    call: Call,
  ): Promise<OaiAnswer> {
    const ask = (extra: readonly string[]) =>
      this.#source.ask(
        verb,
        { ...parameters, metadataPrefix: this.#metadataPrefix },
        [...expectedErrors, ...extra],
        call,
      );
    if (this.#options.metadataPrefix !== undefined || this.#metadataPrefix === FALLBACK_PREFIX) return ask([]);
    const answer = await ask(['cannotDisseminateFormat', 'badArgument']);
    const refused = answer.errors.find(({ code }) => code === 'cannotDisseminateFormat' || code === 'badArgument');
    if (refused === undefined) return answer;
    // Zenodo calls an unknown format a bad argument.
    if (refused.code === 'badArgument' && !/metadataPrefix/i.test(refused.message)) {
      throw this.#error('SOURCE_INVALID_ANSWER', `${verb}: ${refused.code}: ${refused.message}`);
    }
    this.#metadataPrefix = FALLBACK_PREFIX;
    return ask([]);
  }

  /** A shorter window when this one holds too many records; undefined when it is good as it is. */
  async #shorten(position: OaiPosition, answer: OaiAnswer, call: Call): Promise<OaiPosition | undefined> {
    const { windowRecords } = this.#options;
    const listSize = answer.completeListSize ?? 0;
    if (windowRecords === 0 || position.token !== undefined || listSize <= windowRecords) return undefined;
    const earliest =
      position.from ?? (await this.#source.ask('Identify', {}, [], call)).earliestDatestamp ?? answer.responseDate;
    return shortenWindow(position, earliest, windowRecords / listSize);
  }

  /** What a page holds beside what was told before: one batch, and others before it when its records are too large for one. */
  #createBatches(records: readonly OaiRecord[], before: OaiPosition): { full: PageBatch[]; last: PageBatch } {
    const full: PageBatch[] = [];
    const told = new Set(before.told);
    let { latest } = before;
    let contents = createContents();
    let sizeBytes = 0;
    const finish = (): PageBatch => {
      const size = contents.records.length + contents.deletedLocalIds.length + contents.problems.length;
      return { contents, size, position: { ...before, latest, told: new Set(told) } };
    };
    for (const record of records) {
      const entry = this.#readEntry(record, told);
      const entryBytes = entry.record === undefined ? 0 : measureRecord(entry.record);
      if (contents.records.length > 0 && sizeBytes + entryBytes > MAX_BATCH_BYTES) {
        full.push(finish());
        contents = createContents();
        sizeBytes = 0;
      }
      sizeBytes += entryBytes;
      if (latest === undefined || record.datestamp > latest) latest = record.datestamp;
      if (entry.mark !== undefined) told.add(entry.mark);
      if (entry.record !== undefined) contents.records.push(entry.record);
      if (entry.deletedLocalId !== undefined) contents.deletedLocalIds.push(entry.deletedLocalId);
      if (entry.problem !== undefined) contents.problems.push(entry.problem);
    }
    return { full, last: finish() };
  }

  #readEntry(record: OaiRecord, told: ReadonlySet<string>): PageEntry {
    let mark: string | undefined;
    try {
      const recordNumber = parseOaiIdentifier(record.identifier);
      mark = `${recordNumber}@${record.datestamp}`;
      if (told.has(mark)) return {};
      if (record.deleted) return { mark, deletedLocalId: createLocalId(recordNumber) };
      return { mark, record: parseOaiRecord(this.id, this.#options.homepageUrl, record) };
    } catch (error) {
      return { mark, problem: createRecordProblem(record.identifier, error) };
    }
  }

  #error(
    code: 'NOT_FOUND' | 'UNSUPPORTED' | 'SOURCE_INVALID_ANSWER' | 'SOURCE_UNAVAILABLE',
    message: string,
  ): SciclomaticError {
    return new SciclomaticError(code, message, { source: this.id });
  }
}

/** What one record of a page gave; nothing when it was told before. */
interface PageEntry {
  readonly mark?: string | undefined;
  readonly record?: DatasetRecord;
  readonly deletedLocalId?: string;
  readonly problem?: RecordProblem;
}

interface PageBatch {
  readonly contents: ReturnType<typeof createContents>;
  readonly size: number;
  /** After this batch. */
  readonly position: OaiPosition;
}

const createContents = () => ({
  records: [] as DatasetRecord[],
  deletedLocalIds: [] as string[],
  problems: [] as RecordProblem[],
});
