import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { RepositoryAdapter } from '../../adapters/repositories/contract.js';
import { type Call, createCall } from '../../core/call.js';
import { type ErrorCode, SciclomaticError } from '../../core/errors.js';
import { followSignal } from '../../core/follow-signal.js';
import { type DatasetId, SWARM_REPOSITORY, splitDatasetId } from '../../core/ids.js';
import { startLoop } from '../../core/loop.js';
import { nodeCrypto } from '../../core/node-crypto.js';
import { equalBytes } from '../../formats/bytes.js';
import { canonicalJson } from '../../formats/canonical-json.js';
import type { DatasetRecord, FileRecord } from '../../formats/dataset-record.js';
import { createDatasetMetadata, MANIFEST_FORMAT, type Manifest, type ManifestFile } from '../../formats/manifest.js';
import { encodeProvenanceEntry, PROVENANCE_FORMAT } from '../../formats/provenance-entry.js';
import { assertSafePath } from '../../formats/safe-path.js';
import { type SignedManifest, signManifest } from '../../formats/signed-manifest.js';
import { createJobError } from '../job-error.js';
import { isWorthRetrying, mirrorFile, stateAsSource } from './mirror-file.js';
import { openMirrorProgress } from './mirror-progress.js';
import { choosePeer, publishManifest } from './publish-manifest.js';
import type { TransferServices } from './services.js';
import { KNOWN_DIGESTS } from './store-file.js';
import { isFinished, type TransferJobRecord } from './transfer-jobs.js';

export interface Mirrorer {
  /** The job that mirrors the dataset: a new one, or the one under way. @throws BAD_INPUT for a dataset of the swarm itself */
  start(datasetId: DatasetId): Promise<TransferJobRecord>;
  /** Goes on with the jobs that a stop or a crash interrupted. */
  resume(): void;
  /** Interrupts running jobs where they are; `resume` goes on with them. */
  stop(): Promise<void>;
}

export interface MirrorerOptions {
  /** Jobs that run at once. */
  readonly concurrentMirrors: number;
  /** Waits before a source is asked again; real time when absent. */
  readonly wait?: ((milliseconds: number, signal: AbortSignal) => Promise<void>) | undefined;
}

/** Wait before a peer is asked again for the chunks of a running mirror, so that it keeps them; peers keep them for an hour at least. */
const RENEW_INTERVAL_MS = 600_000;
/** Files of one dataset that are fetched at once. */
const CONCURRENT_FILES = 4;
/** How often a job is tried again when a repository or the peers do not answer, about half a minute in all. */
const MAX_TRIES = 8;
/** Wait before the first new try, in milliseconds; doubled each time up to the longest. */
const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 5000;

export function createMirrorer(services: TransferServices, options: MirrorerOptions): Mirrorer {
  const { jobs, log } = services;
  const stopping = new AbortController();
  const running = new Map<string, Promise<void>>();
  const waiting: TransferJobRecord[] = [];
  const resumed = new Set<string>();
  const starting = new Map<DatasetId, Promise<TransferJobRecord>>();
  const wait = options.wait ?? ((milliseconds, signal) => delay(milliseconds, undefined, { signal, ref: false }));

  /** @param full ids of peers that ran full on the way: it is begun anew at another one */
  const attempt = async (
    job: TransferJobRecord,
    tries: number,
    full: ReadonlySet<string>,
    call: Call,
  ): Promise<TransferJobRecord> => {
    try {
      return await mirror(services, job, { wait, full }, call);
    } catch (thrown) {
      const error = SciclomaticError.from(thrown);
      if (error.code === 'STORAGE_FULL' && error.source !== undefined && !full.has(error.source)) {
        log.warn({ error, job: job.id }, 'A peer ran full during a mirror; another one is asked');
        return attempt(job, tries, new Set([...full, error.source]), call);
      }
      // After a restart the others may still be on their way up; a new job of a mistyped id must fail at once.
      const mayRecover = isWorthRetrying(error) || (resumed.has(job.id) && error.code === 'UNKNOWN_REPOSITORY');
      if (!mayRecover || tries >= MAX_TRIES || call.signal.aborted) throw error;
      log.warn({ error, job: job.id }, 'A mirror was interrupted; it goes on in a moment');
      await wait(Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** tries), call.signal);
      return attempt(job, tries + 1, full, call);
    }
  };

  const run = async (job: TransferJobRecord): Promise<void> => {
    const call = createCall({ log: log.child({ job: job.id }), signal: stopping.signal });
    const started = { ...job, state: 'RUNNING' as const, doneBytes: 0 };
    const end = (ended: TransferJobRecord): Promise<void> =>
      jobs.write({ ...ended, finishedAt: new Date(services.now()).toISOString() });
    await jobs.write(started);
    try {
      await end({ ...(await attempt(started, 0, new Set(), call)), state: 'SUCCEEDED' });
    } catch (thrown) {
      // Stopped in order: the job stays as it is, for the next start.
      if (stopping.signal.aborted) return;
      const { code, message } = SciclomaticError.from(thrown);
      const concerned = { job: job.id, dataset: job.datasetId };
      // Whoever asked for what cannot be is told by the job; an operator has nothing to do about it.
      if (REFUSALS.has(code)) log.info({ ...concerned, code, reason: message }, 'A mirror was refused');
      else log.warn({ ...concerned, error: thrown }, 'A mirror failed');
      await end({ ...(jobs.read(job.id) ?? started), state: 'FAILED', error: createJobError(thrown, 'storage') });
    }
  };

  const startWaiting = (): void => {
    while (running.size < options.concurrentMirrors && !stopping.signal.aborted) {
      const job = waiting.shift();
      if (job === undefined) return;
      const finished = run(job)
        .catch((error: unknown) => log.error({ error, job: job.id }, 'A mirror could not be noted'))
        .finally(() => {
          running.delete(job.id);
          startWaiting();
        });
      running.set(job.id, finished);
    }
  };

  const enqueue = async (datasetId: DatasetId): Promise<TransferJobRecord> => {
    const job: TransferJobRecord = {
      id: randomUUID(),
      kind: 'MIRROR',
      state: 'QUEUED',
      datasetId,
      startedAt: new Date(services.now()).toISOString(),
      finishedAt: null,
      doneBytes: 0,
      totalBytes: null,
      error: null,
    };
    await jobs.write(job);
    waiting.push(job);
    startWaiting();
    return job;
  };

  return {
    start: async (datasetId) => {
      if (splitDatasetId(datasetId).repository === SWARM_REPOSITORY) {
        throw new SciclomaticError('BAD_INPUT', `${datasetId} is a dataset of the swarm already`);
      }
      const active = jobs
        .list()
        .find((job) => job.kind === 'MIRROR' && job.datasetId === datasetId && !isFinished(job));
      if (active) return active;
      const begun = starting.get(datasetId) ?? enqueue(datasetId).finally(() => starting.delete(datasetId));
      starting.set(datasetId, begun);
      return begun;
    },
    resume: () => {
      const interrupted = jobs.list().filter((job) => job.kind === 'MIRROR' && !isFinished(job));
      for (const { id } of interrupted) resumed.add(id);
      waiting.push(...interrupted.toReversed());
      startWaiting();
    },
    stop: async () => {
      stopping.abort(new SciclomaticError('CANCELLED', 'The server is stopping'));
      await Promise.allSettled(running.values());
    },
  };
}

/** What is wrong with what was asked for, and not with a server or a source. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  'BAD_INPUT',
  'LIMIT_EXCEEDED',
  'MALFORMED_ID',
  'NOT_FOUND',
  'UNKNOWN_REPOSITORY',
  'UNSAFE_PATH',
  'UNSUPPORTED',
]);

/** The job as it is when everything is in the swarm and recorded. */
async function mirror(
  services: TransferServices,
  job: TransferJobRecord,
  {
    wait,
    full,
  }: {
    readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
    readonly full: ReadonlySet<string>;
  },
  call: Call,
): Promise<TransferJobRecord> {
  const datasetId = job.datasetId as DatasetId;
  const { repository: repositoryId, localId } = splitDatasetId(datasetId);
  const repository = await services.openRepository(repositoryId, call);
  try {
    const record = await repository.readDataset(localId, call);
    const files = assertMirrorable(repository, record);
    const totalBytes = sumSizes(files);
    let current: TransferJobRecord = { ...job, totalBytes };
    const held = await services.holdings.find(datasetId, call);
    if (held && statesTheSame(held.signed.manifest, record, files)) {
      // A crash may have come between manifest and record; the log takes the same bytes once only.
      if (held.signed.signers.some((signer) => equalBytes(signer, services.signingKey.publicKey))) {
        await services.recordProvenance(createMirrorEntry(services, held.signed, record));
      }
      return { ...current, doneBytes: totalBytes ?? 0 };
    }
    const target = await choosePeer(services.swarm, totalBytes ?? 0, call, full);
    const progress = openMirrorProgress(services.state);
    const doneByPath = new Map<string, number>();
    const noteDone = (path: string, bytes: number): void => {
      const doneBytes = current.doneBytes + bytes - (doneByPath.get(path) ?? 0);
      doneByPath.set(path, bytes);
      current = { ...current, doneBytes };
      services.jobs.note(current);
    };
    const fileOptions = { repository, datasetId, localId, swarm: services.swarm, target, progress, noteDone, wait };
    const renewal = startLoop('keep chunks of a mirror', RENEW_INTERVAL_MS, call.log, async (signal) => {
      await target.hasChunks(progress.listChunkIds(datasetId), { ...call, signal });
    });
    let signed: SignedManifest;
    try {
      const mirrored = await mapConcurrently(files, CONCURRENT_FILES, call, (file, own) =>
        mirrorFile(fileOptions, file, own),
      );
      signed = signManifest(
        createMirrorManifest(datasetId, record, mirrored, job.startedAt),
        [services.signingKey],
        nodeCrypto,
      );
      await publishManifest(services.swarm, target, signed, call);
    } finally {
      await renewal.stop();
    }
    await services.recordProvenance(createMirrorEntry(services, signed, record));
    await progress.clear(datasetId);
    services.holdings.forget(datasetId);
    return current;
  } finally {
    await repository.close();
  }
}

function assertMirrorable(repository: RepositoryAdapter, record: DatasetRecord): readonly FileRecord[] {
  const refuse = (problem: string) =>
    new SciclomaticError('UNSUPPORTED', `${record.id} cannot be mirrored: ${problem}`, { source: repository.id });
  if (!repository.supports.fileBytes) throw refuse(`repository ${repository.id} does not give bytes`);
  if (record.files === null) throw refuse('its source does not list its files');
  try {
    for (const { path } of record.files) assertSafePath(path);
  } catch (error) {
    const { code, message } = SciclomaticError.from(error);
    throw new SciclomaticError(code, message, { source: repository.id, cause: error });
  }
  return record.files;
}

function sumSizes(files: readonly FileRecord[]): number | null {
  const sizes = files.map(({ sizeBytes }) => sizeBytes);
  return sizes.some((size) => size === null) ? null : sizes.reduce<number>((total, size) => total + (size ?? 0), 0);
}

/** True when the source states nothing that the manifest does not, and states enough to know the bytes by. */
function statesTheSame(manifest: Manifest, record: DatasetRecord, files: readonly FileRecord[]): boolean {
  const metadata = canonicalJson(createDatasetMetadata(record));
  if (canonicalJson(manifest.metadata) !== metadata || manifest.previousVersion !== record.previousVersion)
    return false;
  if (manifest.files.length !== files.length) return false;
  const byPath = new Map(manifest.files.map((file) => [file.path, file]));
  return files.every((file) => {
    const kept = byPath.get(file.path);
    return (
      kept?.sizeBytes === file.sizeBytes &&
      kept.mediaType === file.mediaType &&
      kept.lastModified === file.lastModified &&
      file.checksums.some(({ algorithm }) => KNOWN_DIGESTS.includes(algorithm)) &&
      canonicalJson(kept.checksums.filter(({ origin }) => origin === 'SOURCE')) ===
        canonicalJson(file.checksums.map(stateAsSource))
    );
  });
}

function createMirrorManifest(
  datasetId: DatasetId,
  record: DatasetRecord,
  files: readonly ManifestFile[],
  createdAt: string,
): Manifest {
  return {
    format: MANIFEST_FORMAT,
    datasetId,
    metadata: createDatasetMetadata(record),
    files: [...files].sort((left, right) => (left.path < right.path ? -1 : 1)),
    createdAt,
    ...(record.previousVersion === undefined ? {} : { previousVersion: record.previousVersion }),
  };
}

/** All of it follows from the manifest, so that a repeated attempt gives the log the same bytes. */
function createMirrorEntry(
  { institution, signingKey }: TransferServices,
  signed: SignedManifest,
  record: DatasetRecord,
): Uint8Array {
  const { createdAt, files } = signed.manifest;
  const verified = files.filter(({ checksums }) =>
    checksums.some(({ origin, algorithm }) => origin === 'SOURCE' && KNOWN_DIGESTS.includes(algorithm)),
  );
  return encodeProvenanceEntry(
    {
      format: PROVENANCE_FORMAT,
      activity: 'MIRROR',
      entity: signed.datasetId,
      manifestHash: signed.hash,
      agent: institution.id,
      used: record.landingPageUrl === undefined ? [signed.datasetId] : [signed.datasetId, record.landingPageUrl],
      generated: [signed.hash],
      startedAt: createdAt,
      endedAt: createdAt,
      detail: {
        fileCount: files.length,
        totalSizeBytes: files.reduce((total, { sizeBytes }) => total + sizeBytes, 0),
        sourceVerifiedFileCount: verified.length,
      },
    },
    signingKey,
  );
}

/** Results in the order of the items; the first failure ends the others. */
async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  call: Call,
  task: (item: Item, call: Call) => Promise<Result>,
): Promise<Result[]> {
  const working = followSignal(call.signal);
  const own = { ...call, signal: working.signal };
  const results: Result[] = [];
  const queue = items.entries();
  const work = async (): Promise<void> => {
    try {
      for (const [position, item] of queue) results[position] = await task(item, own);
    } catch (error) {
      // Without effect after the first one: its reason is the one that counts.
      working.abort(error);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, work));
  working.release();
  if (working.signal.aborted) throw SciclomaticError.from(working.signal.reason);
  return results;
}
