import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileDurably } from '../../core/durable-file.js';
import { SciclomaticError } from '../../core/errors.js';

const jobSchema = z.strictObject({
  id: z.string(),
  /** Names its parts in the spool; of a job that goes on where a failed one stopped, the harvest of that one. */
  harvestId: z.string(),
  repository: z.string(),
  state: z.enum(['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED']),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  /** True when everything is read again; else what changed since the cursor. */
  full: z.boolean(),
  /** Where to go on; null = from the beginning. */
  cursor: z.string().nullable(),
  /** Parts committed to the spool. */
  partCount: z.number(),
  /** SHA-256, hex, of the digest before and the SHA-256 of the part, part after part; empty before the first. */
  digest: z.string(),
  recordCount: z.number(),
  deletedCount: z.number(),
  problemCount: z.number(),
  /** At most MAX_PROBLEMS. */
  problems: z.array(z.strictObject({ localId: z.string(), message: z.string() })),
  /** `source` is not in what was kept before it was known. */
  error: z.strictObject({ code: z.string(), message: z.string(), source: z.string().optional() }).nullable(),
});

/** One reading of a repository, as it is kept on disk: a restart goes on from `cursor`. */
export type HarvestJobRecord = z.infer<typeof jobSchema>;

const finishedSchema = z.strictObject({ cursor: z.string().nullable(), at: z.string() });
type Finished = z.infer<typeof finishedSchema>;

const stateSchema = z.strictObject({
  /** By repository: cursor after its last finished harvest and when that was. */
  finished: z.record(z.string(), finishedSchema),
  jobs: z.array(jobSchema),
});

/** Problems kept per job; the others are counted. */
export const MAX_PROBLEMS = 1000;
/** After these a harvest cannot go on at its cursor. */
const LOST_CURSOR_CODES: ReadonlySet<string> = new Set(['BAD_CURSOR', 'CURSOR_EXPIRED']);
/** Finished jobs kept. */
const MAX_JOBS = 1000;

/** What was harvested and how far running harvests are, on disk after every change. */
export class HarvestJobs {
  readonly #file: string;
  #state: z.infer<typeof stateSchema> = { finished: {}, jobs: [] };
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string) {
    this.#file = file;
  }

  /** @throws DATA_CORRUPT */
  static async open(dir: string): Promise<HarvestJobs> {
    const jobs = new HarvestJobs(join(dir, 'harvests.json'));
    const text = await readFile(jobs.#file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return jobs;
    try {
      jobs.#state = stateSchema.parse(JSON.parse(text));
    } catch (error) {
      throw new SciclomaticError('DATA_CORRUPT', `${jobs.#file} is damaged`, { cause: error });
    }
    return jobs;
  }

  /** Newest first. */
  list(): readonly HarvestJobRecord[] {
    return this.#state.jobs;
  }

  read(id: string): HarvestJobRecord | undefined {
    return this.#state.jobs.find((job) => job.id === id);
  }

  /** The unfinished job of a repository. */
  readActive(repository: string): HarvestJobRecord | undefined {
    return this.#state.jobs.find((job) => job.repository === repository && job.finishedAt === null);
  }

  /** The failed job whose harvest the next one of the repository goes on with; undefined = it begins anew. */
  readResumable(repository: string): HarvestJobRecord | undefined {
    const last = this.readLast(repository);
    if (last?.state !== 'FAILED' || last.partCount === 0 || last.cursor === null) return undefined;
    return LOST_CURSOR_CODES.has(last.error?.code ?? '') ? undefined : last;
  }

  /** Harvests of a repository that a job failed in: their parts are of no use once another one is whole. */
  listFailedHarvests(repository: string): string[] {
    const failed = this.#state.jobs.filter((job) => job.repository === repository && job.state === 'FAILED');
    return failed.map(({ harvestId }) => harvestId);
  }

  /** The newest finished job of a repository. */
  readLast(repository: string): HarvestJobRecord | undefined {
    return this.#state.jobs.find((job) => job.repository === repository && job.finishedAt !== null);
  }

  readFinished(repository: string): Finished | undefined {
    return this.#state.finished[repository];
  }

  /** Keeps the job as it is now, on disk when it resolves; when it throws, in memory only. @throws STORAGE_FULL */
  async write(job: HarvestJobRecord): Promise<void> {
    const finishedBefore = this.#state.finished[job.repository];
    const others = this.#state.jobs.filter(({ id }) => id !== job.id);
    const jobs = [job, ...others].sort((a, b) =>
      a.startedAt === b.startedAt ? (a.id < b.id ? 1 : -1) : a.startedAt < b.startedAt ? 1 : -1,
    );
    const finished =
      job.state === 'SUCCEEDED'
        ? { ...this.#state.finished, [job.repository]: { cursor: job.cursor, at: job.finishedAt ?? job.startedAt } }
        : this.#state.finished;
    this.#state = { finished, jobs: jobs.slice(0, MAX_JOBS) };
    try {
      await this.#save();
    } catch (error) {
      // A harvest whose end is not on disk is not finished: the next one reads the same again and is told to the log.
      this.#noteFinished(job.repository, finishedBefore);
      throw SciclomaticError.from(error);
    }
  }

  /** Notes that a repository was looked at and had nothing new. */
  async markUnchanged(repository: string, cursor: string | null, at: string): Promise<void> {
    const known = this.#state.finished[repository];
    this.#noteFinished(repository, { cursor, at });
    if (known?.cursor !== cursor) await this.#save();
  }

  #noteFinished(repository: string, mark: Finished | undefined): void {
    const { [repository]: _before, ...others } = this.#state.finished;
    this.#state = { ...this.#state, finished: mark === undefined ? others : { ...others, [repository]: mark } };
  }

  /** Forgets how far a repository was read, so that it is read again in full; its unfinished job ends as failed. */
  async forget(repository: string, at: string): Promise<void> {
    const { [repository]: _, ...finished } = this.#state.finished;
    const error = { code: 'NOT_FOUND', message: 'The index lost what was read; it is read again in full' };
    const jobs = this.#state.jobs.map((job) => {
      if (job.repository !== repository || job.state === 'SUCCEEDED') return job;
      const ended = { ...job, cursor: null, state: 'FAILED' as const };
      return job.finishedAt === null ? { ...ended, finishedAt: at, error } : ended;
    });
    this.#state = { finished, jobs };
    await this.#save();
  }

  #save(): Promise<void> {
    this.#writing = this.#writing
      .catch(() => undefined)
      .then(() => writeFileDurably(this.#file, JSON.stringify(this.#state)));
    return this.#writing;
  }
}
