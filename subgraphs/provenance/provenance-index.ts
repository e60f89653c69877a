import type { Database, RootDatabase } from 'lmdb';
import type { Ledger } from '../../adapters/ledger/contract.js';
import { assertActive, type Call } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import { type DatasetId, splitDatasetId } from '../../core/ids.js';
import { commit, openEnvironment } from '../../core/lmdb.js';
import { hexSha256 } from '../../core/node-hashes.js';
import { type ProvenanceEntry, parseProvenanceEntry } from '../../formats/provenance-entry.js';

/** Where in the log the records of a dataset are. */
export interface RecordPlaces {
  /** Entry indexes, newest first. */
  readonly entryIndexes: readonly number[];
  readonly totalCount: number;
  readonly hasNextPage: boolean;
}

/** How much of the log is indexed, and what its last indexed entry was: tells whether it is still the same log. */
interface Progress {
  readonly origin: string;
  readonly size: number;
  /** SHA-256 of the last indexed entry, hex; empty at size 0. */
  readonly lastEntryHash: string;
}

/** Entries read from the log at once. */
const BATCH_ENTRIES = 256;

/**
 * Which entries speak of which dataset: derived from the log alone, and thrown away whenever it does not fit the log.
 * LMDB; entities are keyed by their hash, because an id may be longer than LMDB's longest key.
 */
export class ProvenanceIndex {
  readonly #ledger: Ledger;
  readonly #root: RootDatabase<unknown, string>;
  /** [hash of the entity, entry index] */
  readonly #places: Database<true, [string, number]>;
  readonly #counts: Database<number, string>;
  /** Newest harvest of each repository. */
  readonly #harvests: Database<number, string>;
  readonly #progress: Database<Progress, string>;
  #catchingUp: Promise<void> = Promise.resolve();

  constructor(dir: string, ledger: Ledger) {
    this.#ledger = ledger;
    this.#root = openEnvironment({ path: dir, maxDbs: 8 });
    this.#places = this.#root.openDB({ name: 'places' });
    this.#counts = this.#root.openDB({ name: 'counts' });
    this.#harvests = this.#root.openDB({ name: 'harvests' });
    this.#progress = this.#root.openDB({ name: 'progress' });
  }

  /** Entries indexed. */
  get size(): number {
    return this.#readProgress().size;
  }

  /** Reads what the log has and the index has not; begins anew when the index is of another log. */
  async catchUp(call: Call): Promise<void> {
    const run = this.#catchingUp.then(() => this.#catchUp(call));
    this.#catchingUp = run.catch(() => undefined);
    await run;
  }

  /** Throws the index away and reads the whole log. */
  async rebuild(call: Call): Promise<void> {
    const run = this.#catchingUp.then(async () => {
      await this.#clear();
      await this.#catchUp(call);
    });
    this.#catchingUp = run.catch(() => undefined);
    await run;
  }

  /**
   * Records about the dataset, and the newest harvest of its repository, newest first.
   * @param before only entries with a lower index; undefined = from the newest
   */
  readPlaces(dataset: DatasetId, first: number, before: number | undefined): RecordPlaces {
    const entity = keyOf(dataset);
    const own = this.#places.getKeys({
      start: [entity, before ?? Number.MAX_SAFE_INTEGER],
      end: [entity, -1],
      reverse: true,
      exclusiveStart: true,
      limit: first + 1,
    });
    const harvest = this.#harvests.get(keyOf(splitDatasetId(dataset).repository));
    const found = [...own].map(([, entryIndex]) => entryIndex);
    if (harvest !== undefined && (before === undefined || harvest < before)) found.push(harvest);
    found.sort((left, right) => right - left);
    return {
      entryIndexes: found.slice(0, first),
      totalCount: (this.#counts.get(entity) ?? 0) + (harvest === undefined ? 0 : 1),
      hasNextPage: found.length > first,
    };
  }

  async close(): Promise<void> {
    await this.#catchingUp;
    await this.#root.close();
  }

  async #catchUp(call: Call): Promise<void> {
    const size = await this.#ledger.readSize(call);
    if (!(await this.#isOfThisLog(size, call))) await this.#clear();
    for (let start = this.#readProgress().size; start < size; start += BATCH_ENTRIES) {
      assertActive(call);
      const entries = await this.#ledger.readEntries(start, Math.min(size, start + BATCH_ENTRIES), call);
      await commit(this.#root, () => this.#add(start, entries, call));
    }
  }

  async #isOfThisLog(size: number, call: Call): Promise<boolean> {
    const progress = this.#readProgress();
    if (progress.size === 0) return true;
    if (progress.size > size || progress.origin !== this.#ledger.origin) return false;
    const [last] = await this.#ledger.readEntries(progress.size - 1, progress.size, call);
    return last !== undefined && hexSha256(last) === progress.lastEntryHash;
  }

  #add(start: number, entries: readonly Uint8Array[], call: Call): void {
    entries.forEach((bytes, position) => {
      const entryIndex = start + position;
      const entry = readEntry(bytes, entryIndex, call);
      if (entry === undefined) return;
      const key = keyOf(entry.entity);
      if (entry.activity === 'HARVEST') {
        void this.#harvests.put(key, entryIndex);
      } else {
        void this.#places.put([key, entryIndex], true);
        void this.#counts.put(key, (this.#counts.get(key) ?? 0) + 1);
      }
    });
    const last = entries.at(-1);
    if (last === undefined) return;
    const size = start + entries.length;
    void this.#progress.put('log', { origin: this.#ledger.origin, size, lastEntryHash: hexSha256(last) });
  }

  #readProgress(): Progress {
    return this.#progress.get('log') ?? { origin: this.#ledger.origin, size: 0, lastEntryHash: '' };
  }

  async #clear(): Promise<void> {
    await commit(this.#root, () => {
      for (const database of [this.#places, this.#counts, this.#harvests, this.#progress]) database.clearSync();
    });
  }
}

/** An entry that another program put into the log may be none of ours: it stays in the log and is not indexed. */
function readEntry(bytes: Uint8Array, entryIndex: number, call: Call): ProvenanceEntry | undefined {
  try {
    return parseProvenanceEntry(bytes).entry;
  } catch (error) {
    const { code } = SciclomaticError.from(error);
    call.log.warn({ entryIndex, code }, 'An entry of the log is no provenance entry');
    return undefined;
  }
}

const keyOf = (entity: string): string => hexSha256(Buffer.from(entity));
