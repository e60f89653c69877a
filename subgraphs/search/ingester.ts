import type { SearchIndex } from '../../adapters/search/contract.js';
import { type Call, createCall } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import {
  createDatasetId,
  type DatasetId,
  parseDatasetId,
  parseRepositoryId,
  SWARM_REPOSITORY,
} from '../../core/ids.js';
import type { Logger } from '../../core/log.js';
import { type Loop, startLoop } from '../../core/loop.js';
import type { DatasetRecord } from '../../formats/dataset-record.js';
import type { HarvestJobs } from './harvest-jobs.js';
import { ingestedRecords } from './metrics.js';
import type { Spool, SpoolPart } from './spool.js';

/** Records in one change of the index. */
const CHANGE_RECORDS = 1000;

/** Drains the spool into the index, part by part in order; a part that was cut off is applied again from its start. */
export class Ingester {
  readonly #index: SearchIndex;
  readonly #spool: Spool;
  readonly #jobs: HarvestJobs;
  readonly #log: Logger;
  readonly #loop: Loop;
  #failure: SciclomaticError | undefined;

  constructor(options: {
    index: SearchIndex;
    spool: Spool;
    jobs: HarvestJobs;
    log: Logger;
    watchIntervalMs: number;
  }) {
    this.#index = options.index;
    this.#spool = options.spool;
    this.#jobs = options.jobs;
    this.#log = options.log;
    this.#loop = startLoop('ingest', options.watchIntervalMs, options.log, (signal) =>
      this.#drain(createCall({ log: options.log, signal })),
    );
  }

  /** Drains what is committed now. */
  wake(): Promise<void> {
    return this.#loop.wake();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Why the last run stopped before the spool was drained; it is tried again. */
  get failure(): SciclomaticError | undefined {
    return this.#failure;
  }

  async #drain(call: Call): Promise<void> {
    try {
      for (const part of await this.#spool.list()) {
        if (call.signal.aborted) return;
        await this.#ingest(part, call);
      }
      this.#failure = undefined;
    } catch (error) {
      this.#failure = SciclomaticError.from(error);
      throw error;
    }
  }

  async #ingest(part: SpoolPart, call: Call): Promise<void> {
    const { marker } = part;
    let upserts: DatasetRecord[] = [];
    for await (const record of this.#spool.readRecords(part)) {
      upserts.push(record);
      if (upserts.length < CHANGE_RECORDS) continue;
      await this.#apply(upserts, [], call);
      upserts = [];
    }
    const repository = parseRepositoryId(marker.repository);
    const deletes = marker.deletedLocalIds.map((localId) => createDatasetId(repository, localId));
    await this.#apply(upserts, deletes, call);
    await this.#spool.markIngested(part);
    ingestedRecords.inc({ repository }, marker.recordCount);
    if (marker.final) {
      // What is submitted to the swarm never changes: a peer that was silent in the listing is no withdrawal.
      if (marker.full && repository !== SWARM_REPOSITORY)
        await this.#deleteUnnamed(marker.repository, marker.harvestId, call);
      // Parts of later harvests are not ingested yet: those of failed ones are left from earlier ones.
      await this.#spool.removeHarvests([marker.harvestId, ...this.#jobs.listFailedHarvests(marker.repository)]);
    }
    this.#log.info({ repository: marker.repository, records: marker.recordCount, final: marker.final }, 'Ingested');
  }

  /** After a full harvest: what the source no longer names is gone. */
  async #deleteUnnamed(repository: string, harvestId: string, call: Call): Promise<void> {
    const named = await this.#spool.readHarvestIds(harvestId);
    let deletes: DatasetId[] = [];
    for await (const id of this.#index.listIds(repository, call)) {
      if (!named.has(id)) deletes.push(parseDatasetId(id));
      if (deletes.length < CHANGE_RECORDS) continue;
      await this.#apply([], deletes, call);
      deletes = [];
    }
    await this.#apply([], deletes, call);
  }

  /** Records that the index already holds as they are do not touch it: a source that is read in full again costs little. */
  async #apply(records: readonly DatasetRecord[], deletes: readonly DatasetId[], call: Call): Promise<void> {
    const held = await this.#index.readDatasets(
      records.map(({ id }) => parseDatasetId(id)),
      call,
    );
    const upserts = records.filter((record, position) => JSON.stringify(held[position]) !== JSON.stringify(record));
    if (upserts.length + deletes.length > 0) await this.#index.apply({ upserts, deletes }, call);
  }
}
