import { randomUUID } from 'node:crypto';
import type { DatasetBatch, RepositoryAdapter } from '../../adapters/repositories/contract.js';
import { type Call, createCall } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import type { RepositoryId } from '../../core/ids.js';
import type { Logger } from '../../core/log.js';
import { hexSha256 } from '../../core/node-hashes.js';
import type { DatasetRecord } from '../../formats/dataset-record.js';
import { createJobError } from '../job-error.js';
import { type HarvestJobRecord, type HarvestJobs, MAX_PROBLEMS } from './harvest-jobs.js';
import { harvestedRecords } from './metrics.js';
import type { Spool, SpoolMarker } from './spool.js';

/** Records in one spool part; after each the harvest can go on in another process. */
const PART_RECORDS = 2000;
/** Text in one spool part, in UTF-16 code units; keeps memory bounded when records are large. */
const PART_TEXT_LENGTH = 16 * 1024 * 1024;

export interface HarvesterOptions {
  readonly jobs: HarvestJobs;
  readonly spool: Spool;
  readonly log: Logger;
  readonly openRepository: (id: RepositoryId, call: Call) => Promise<RepositoryAdapter>;
  /** Called with a job that succeeded: what the provenance log is told. */
  readonly finished: (job: HarvestJobRecord) => Promise<void>;
  readonly now: () => number;
}

/** Reads repositories into the spool, one harvest at a time for each. */
export class Harvester {
  readonly #options: HarvesterOptions;
  readonly #running = new Map<RepositoryId, Promise<void>>();
  readonly #stopped = new AbortController();

  constructor(options: HarvesterOptions) {
    this.#options = options;
  }

  isRunning(repository: RepositoryId): boolean {
    return this.#running.has(repository);
  }

  /**
   * Starts a harvest and returns its job, or the job that is already under way; waits for a look, not for a harvest. Where
   * the last one failed, it goes on from the last part that was committed.
   * @param mode `full`: read everything, not what changed. `anew`: from the beginning also after a failure.
   */
  async start(repository: RepositoryId, mode: { full: boolean; anew: boolean }): Promise<HarvestJobRecord> {
    for (let running = this.#running.get(repository); running; running = this.#running.get(repository)) {
      const active = this.#options.jobs.readActive(repository);
      if (active) return active;
      await running;
    }
    const { jobs } = this.#options;
    const failed = mode.anew ? undefined : jobs.readResumable(repository);
    const job = jobs.readActive(repository) ?? (failed ? this.#resume(failed) : this.#createJob(repository, mode.full));
    this.#run(repository, (call) => this.#harvest(job, call));
    return job;
  }

  /**
   * Reads what is new at a repository that was harvested before. A job is made only when there is something: looking
   * often costs nothing that lasts.
   */
  look(repository: RepositoryId): void {
    if (this.#running.has(repository)) return;
    this.#run(repository, async (call) => {
      const job = this.#createJob(repository, false);
      await this.#harvest(job, call, { onlyIfNew: true });
    });
  }

  /** Ends running harvests; each goes on from its last committed part at the next start. */
  async stop(): Promise<void> {
    this.#stopped.abort(new SciclomaticError('CANCELLED', 'The harvester stops'));
    await Promise.allSettled(this.#running.values());
  }

  #run(repository: RepositoryId, work: (call: Call) => Promise<void>): void {
    const call = createCall({ log: this.#options.log.child({ repository }), signal: this.#stopped.signal });
    const running = work(call)
      .catch((error: unknown) => call.log.error({ error }, 'A harvest could not be recorded'))
      .finally(() => this.#running.delete(repository));
    this.#running.set(repository, running);
  }

  #createJob(repository: RepositoryId, full: boolean): HarvestJobRecord {
    const cursor = full ? null : (this.#options.jobs.readFinished(repository)?.cursor ?? null);
    const id = this.#createId();
    return {
      id,
      harvestId: id,
      repository,
      state: 'RUNNING',
      startedAt: this.#isoNow(),
      finishedAt: null,
      full: cursor === null,
      cursor,
      partCount: 0,
      digest: '',
      recordCount: 0,
      deletedCount: 0,
      problemCount: 0,
      problems: [],
      error: null,
    };
  }

  #resume(failed: HarvestJobRecord): HarvestJobRecord {
    const startedAt = this.#isoNow();
    return { ...failed, id: this.#createId(), state: 'RUNNING', startedAt, finishedAt: null, error: null };
  }

  #createId(): string {
    return `harvest-${this.#options.now().toString(36)}-${randomUUID().slice(0, 8)}`;
  }

  async #harvest(started: HarvestJobRecord, call: Call, mode: { onlyIfNew?: boolean } = {}): Promise<void> {
    const writer = new PartWriter(started, this.#options.spool, this.#options.jobs);
    try {
      if (!mode.onlyIfNew) await this.#options.jobs.write(started);
      const adapter = await this.#options.openRepository(started.repository as RepositoryId, call);
      try {
        const after = adapter.supports.incremental || started.partCount > 0 ? (started.cursor ?? undefined) : undefined;
        if (after === undefined) writer.restartFull();
        for await (const batch of adapter.listDatasets(after, call)) {
          if (isEmpty(batch) && mode.onlyIfNew && writer.job.recordCount === 0) writer.skipTo(batch.cursor);
          else await writer.add(batch);
        }
      } finally {
        await adapter.close();
      }
      if (mode.onlyIfNew && writer.isUntouched) {
        await this.#options.jobs.markUnchanged(started.repository, writer.job.cursor, this.#isoNow());
        return;
      }
      await writer.finish();
      const job: HarvestJobRecord = { ...writer.job, state: 'SUCCEEDED', finishedAt: this.#isoNow() };
      await this.#options.jobs.write(job);
      await this.#options.finished(job);
    } catch (thrown) {
      if (this.#stopped.signal.aborted) return;
      call.log.warn({ error: thrown }, 'A harvest failed');
      await this.#options.jobs.write({
        ...writer.job,
        state: 'FAILED',
        finishedAt: this.#isoNow(),
        error: createJobError(thrown, 'search'),
      });
    }
  }

  #isoNow(): string {
    return new Date(this.#options.now()).toISOString();
  }
}

const isEmpty = (batch: DatasetBatch): boolean =>
  batch.records.length === 0 && batch.deletedLocalIds.length === 0 && batch.problems.length === 0;

/** Gathers batches into spool parts and keeps the job in step with what is committed. */
class PartWriter {
  job: HarvestJobRecord;
  readonly #spool: Spool;
  readonly #jobs: HarvestJobs;
  #records: DatasetRecord[] = [];
  #textLength = 0;
  #deleted: string[] = [];
  #cursor: string | null;
  #touched = false;

  constructor(job: HarvestJobRecord, spool: Spool, jobs: HarvestJobs) {
    this.job = job;
    this.#spool = spool;
    this.#jobs = jobs;
    this.#cursor = job.cursor;
  }

  get isUntouched(): boolean {
    return !this.#touched;
  }

  restartFull(): void {
    this.job = { ...this.job, full: true };
  }

  /** Passes over a batch in which nothing was new. */
  skipTo(cursor: string): void {
    this.job = { ...this.job, cursor };
    this.#cursor = cursor;
  }

  async add(batch: DatasetBatch): Promise<void> {
    this.#touched = true;
    for (const record of batch.records) {
      this.#records.push(record);
      this.#textLength += (record.description?.length ?? 0) + 300 * (record.files?.length ?? 0) + 1000;
    }
    this.#deleted.push(...batch.deletedLocalIds);
    this.#cursor = batch.cursor;
    const problems = [...this.job.problems, ...batch.problems].slice(0, MAX_PROBLEMS);
    this.job = { ...this.job, problems, problemCount: this.job.problemCount + batch.problems.length };
    if (this.#records.length >= PART_RECORDS || this.#textLength >= PART_TEXT_LENGTH) await this.#commit(false);
  }

  /** Commits what is left as the final part. */
  finish(): Promise<void> {
    return this.#commit(true);
  }

  async #commit(final: boolean): Promise<void> {
    const marker: Omit<SpoolMarker, 'recordCount' | 'sha256'> = {
      repository: this.job.repository,
      harvestId: this.job.harvestId,
      part: this.job.partCount,
      final,
      full: this.job.full,
      deletedLocalIds: this.#deleted,
    };
    const { sha256 } = await this.#spool.write(this.#records, marker);
    this.job = {
      ...this.job,
      cursor: this.#cursor,
      partCount: this.job.partCount + 1,
      digest: hexSha256(Buffer.from(this.job.digest + sha256)),
      recordCount: this.job.recordCount + this.#records.length,
      deletedCount: this.job.deletedCount + this.#deleted.length,
    };
    harvestedRecords.inc({ repository: this.job.repository }, this.#records.length);
    this.#records = [];
    this.#textLength = 0;
    this.#deleted = [];
    if (!final) await this.#jobs.write(this.job);
  }
}
