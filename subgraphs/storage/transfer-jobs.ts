import type { DatasetId } from '../../core/ids.js';
import type { JobError } from '../job-error.js';
import type { StorageState } from './state.js';

export type TransferState = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED';

/** One transfer into the swarm as it is kept on disk. */
export interface TransferJobRecord {
  readonly id: string;
  readonly kind: 'SUBMIT' | 'MIRROR';
  readonly state: TransferState;
  /** Null until it is known. */
  readonly datasetId: DatasetId | null;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly doneBytes: number;
  /** Null while unknown. */
  readonly totalBytes: number | null;
  /** `source` is not in what was kept before it was known. */
  readonly error: (Omit<JobError, 'source'> & Partial<JobError>) | null;
}

/** The transfers, on disk after every change that matters. */
export interface TransferJobs {
  read(id: string): TransferJobRecord | undefined;
  /** Newest first. */
  list(): readonly TransferJobRecord[];
  /** On disk when it resolves. */
  write(job: TransferJobRecord): Promise<void>;
  /** Notes progress in memory only: what it says is established anew when a job is resumed. */
  note(job: TransferJobRecord): void;
}

/** Finished jobs kept beyond their first day. */
const MAX_FINISHED_JOBS = 1000;
const KEPT_MS = 86_400_000;

export const isFinished = ({ state }: TransferJobRecord): boolean => state === 'SUCCEEDED' || state === 'FAILED';

/** Sorts newest first when compared in ascending order. */
export const transferJobKey = ({ startedAt, id }: TransferJobRecord): string =>
  `${String(Number.MAX_SAFE_INTEGER - Date.parse(startedAt)).padStart(16, '0')} ${id}`;

export function openTransferJobs(state: StorageState, now: () => number): TransferJobs {
  const table = state.openTable<TransferJobRecord>('jobs');
  const jobs = new Map([...table.getRange()].map(({ key, value }) => [key, value]));
  const list = (): TransferJobRecord[] =>
    [...jobs.values()].sort((left, right) => (transferJobKey(left) < transferJobKey(right) ? -1 : 1));
  const listOutdated = (): TransferJobRecord[] =>
    jobs.size <= MAX_FINISHED_JOBS
      ? []
      : list()
          .filter(isFinished)
          .slice(MAX_FINISHED_JOBS)
          .filter(({ startedAt }) => now() - Date.parse(startedAt) > KEPT_MS);
  return {
    read: (id) => jobs.get(id),
    list,
    write: async (job) => {
      jobs.set(job.id, job);
      const outdated = listOutdated();
      for (const { id } of outdated) jobs.delete(id);
      await state.commit(() => {
        void table.put(job.id, job);
        for (const { id } of outdated) void table.remove(id);
      });
    },
    note: (job) => {
      jobs.set(job.id, job);
    },
  };
}
