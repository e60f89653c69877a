import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Directory } from '../../adapters/directory.js';
import type { RepositoryAdapter } from '../../adapters/repositories/contract.js';
import type { SearchIndex } from '../../adapters/search/contract.js';
import type { Call } from '../../core/call.js';
import { createCall, endCall } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import { type RepositoryId, SWARM_REPOSITORY } from '../../core/ids.js';
import type { Logger } from '../../core/log.js';
import { startLoop } from '../../core/loop.js';
import type { HttpPart, PartHealth } from '../../core/part.js';
import { createSubgraphGraphQL, type VerifyCaller } from '../subgraph.js';
import { Catalogue } from './catalogue.js';
import type { SearchConfig } from './config.js';
import type { Context, SearchServices } from './context.js';
import type { HarvestJobRecord } from './harvest-jobs.js';
import { HarvestJobs } from './harvest-jobs.js';
import { Harvester } from './harvester.js';
import { Ingester } from './ingester.js';
import { createLoaders } from './loaders.js';
import { resolvers } from './resolvers.js';
import { Spool } from './spool.js';

export interface SearchSubgraphOptions extends SearchConfig {
  readonly dir: string;
  /** Closed with the subgraph. */
  readonly index: SearchIndex;
  readonly directory: Directory;
  /** A client of the repository's adapter; closed after each use. @throws SOURCE_UNAVAILABLE, UNKNOWN_REPOSITORY */
  readonly openRepository: (id: RepositoryId, call: Call) => Promise<RepositoryAdapter>;
  /** Told of each harvest that succeeded; MUST keep it durably. */
  readonly recordHarvest: (job: HarvestJobRecord) => Promise<void>;
  readonly log: Logger;
  readonly verifyCaller: VerifyCaller;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface SearchSubgraph extends HttpPart {
  /** Puts what is committed to the spool into the index now. */
  ingest(): Promise<void>;
}

/** Wait after a failed harvest before the next try, in milliseconds. */
const RETRY_MS = 5000;
/** Time limit of a health check, in milliseconds. */
const HEALTH_TIMEOUT_MS = 2000;
/** Parts of the spool, of up to 2,000 records each, that may wait before ingest counts as lagging. */
const MAX_BACKLOG_PARTS = 50;

/** Starts the catalogue: harvests what the directory lists, drains the spool, answers searches. */
export async function createSearchSubgraph(options: SearchSubgraphOptions): Promise<SearchSubgraph> {
  const { index, directory, openRepository } = options;
  const log = options.log.child({ subgraph: 'search' });
  const now = options.now ?? Date.now;
  const spoolDir = join(options.dir, 'spool');
  await mkdir(spoolDir, { recursive: true });
  const spool = new Spool(spoolDir);
  await spool.list();
  const jobs = await HarvestJobs.open(options.dir);
  await forgetLostHarvests(index, jobs, spool, log, now());
  const harvester = new Harvester({ jobs, spool, log, openRepository, finished: options.recordHarvest, now });
  const ingester = new Ingester({ index, spool, jobs, log, watchIntervalMs: options.watchIntervalMs });
  const catalogue = new Catalogue({ directory, index, jobs, spool });
  const services: SearchServices = { index, catalogue, jobs, harvester, openRepository };
  const watch = startLoop('harvest', options.watchIntervalMs, log, (signal) =>
    startDueHarvests(services, options, now, createCall({ log, signal })),
  );
  const graphql = await createSubgraphGraphQL<Context>(
    {
      name: 'search',
      schemaUrl: new URL('./schema.graphql', import.meta.url),
      resolvers,
      createContext: (request) => ({ ...request, ...services, loaders: createLoaders(index, catalogue, request.call) }),
    },
    options,
  );
  let closing: Promise<void> | undefined;
  const close = async () => {
    await watch.stop();
    await harvester.stop();
    await ingester.stop();
    await graphql.stop();
    await index.close();
  };
  return {
    name: 'search',
    fetch: graphql.fetch,
    ingest: () => ingester.wake(),
    checkHealth: () => checkSearchHealth(index, ingester, spool, log),
    close: () => (closing ??= close()),
  };
}

/**
 * Has repositories read again in full when the index is without what was read of them: its folder was removed because it
 * was damaged, or it does not outlive its process.
 */
async function forgetLostHarvests(index: SearchIndex, jobs: HarvestJobs, spool: Spool, log: Logger, nowMs: number) {
  const counts = await index.countByRepository(createCall({ log }));
  const read = new Set(jobs.list().flatMap((job) => (job.recordCount > 0 ? [job.repository] : [])));
  for (const repository of read) {
    if (counts.has(repository) || spool.isWaiting(repository, { full: true })) continue;
    const unfinished = jobs.readActive(repository) ?? jobs.readResumable(repository);
    if (!jobs.readFinished(repository) && !unfinished) continue;
    if (unfinished) await spool.removeHarvests([unfinished.harvestId]);
    await jobs.forget(repository, new Date(nowMs).toISOString());
    log.warn({ repository }, 'The index has none of its datasets; it is harvested again in full');
  }
}

/** The index answers, takes what was harvested, and the spool is drained about as fast as it fills. */
async function checkSearchHealth(
  index: SearchIndex,
  ingester: Ingester,
  spool: Spool,
  log: Logger,
): Promise<PartHealth> {
  const call = createCall({ log, timeoutMs: HEALTH_TIMEOUT_MS });
  try {
    await index.countByRepository(call);
    if (ingester.failure)
      return { state: 'DEGRADED', reason: `What was harvested cannot be indexed: ${ingester.failure.message}` };
    const backlog = spool.waitingCount;
    return backlog <= MAX_BACKLOG_PARTS
      ? { state: 'READY' }
      : { state: 'DEGRADED', reason: `${backlog} harvested parts wait for the index` };
  } catch (error) {
    return { state: 'NOT_READY', reason: `The index does not answer: ${SciclomaticError.from(error).message}` };
  } finally {
    endCall(call);
  }
}

/** Starts a harvest of every healthy repository whose time has come. */
async function startDueHarvests(
  { harvester, jobs }: SearchServices,
  options: SearchSubgraphOptions,
  now: () => number,
  call: Call,
): Promise<void> {
  for (const { id, state, supports } of await options.directory.listAdapters('REPOSITORY', call)) {
    const repository = id as RepositoryId;
    if (state === 'SUSPENDED' || harvester.isRunning(repository)) continue;
    const finished = jobs.readFinished(repository);
    const last = jobs.readLast(repository);
    const failedAt =
      last?.state === 'FAILED' ? Date.parse(last.finishedAt ?? last.startedAt) : Number.NEGATIVE_INFINITY;
    if (now() - failedAt < RETRY_MS) continue;
    if (!finished || jobs.readActive(repository)) {
      await harvester.start(repository, { full: !finished, anew: false });
      continue;
    }
    const intervalMs = repository === SWARM_REPOSITORY ? options.swarmIntervalMs : options.harvestIntervalMs;
    if (now() - Date.parse(finished.at) < intervalMs) continue;
    if (supports.includes('incremental') && !jobs.readResumable(repository)) harvester.look(repository);
    else await harvester.start(repository, { full: true, anew: false });
  }
}
