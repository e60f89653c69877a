import type { Database, RootDatabase } from 'lmdb';
import { checkRoom, commit, openEnvironment } from '../../core/lmdb.js';
import { hexBlake3 } from '../../core/node-hashes.js';
import type { PartHealth } from '../../core/part.js';
import type { AuditedState } from './copy-state.js';
import type { RepairOutlook } from './dataset-health.js';
import type { PullFailure } from './repair-plan.js';

/** What the last audit found of one peer's copy. */
export interface CopyEntry {
  readonly peerId: string;
  readonly institutionId: string;
  readonly state: AuditedState;
  readonly reason: string;
  readonly answers: boolean;
  /** When an audit first found it silent, milliseconds since the epoch; null while it answers. */
  readonly silentSinceMs: number | null;
  readonly heldChunkCount: number | null;
  /** True when the peer ever had the whole dataset. */
  readonly everComplete: boolean;
  /** When it last answered a challenge, milliseconds since the epoch. */
  readonly lastAuditedAtMs: number | null;
  /** Positions of chunks that it owes an answer for. */
  readonly owed: readonly number[];
}

export interface Listing {
  readonly peerId: string;
  readonly institutionId: string;
}

/** A pull that this auditor began and whose COPY is not recorded yet. */
export interface BegunPull {
  readonly sourceId: string;
  readonly startedAtMs: number;
}

/** Everything known of one dataset but its chunk ids. */
export interface DatasetEntry {
  readonly id: string;
  /** 64 hex digits. */
  readonly manifestHash: string;
  /** The manifest's own ISO 8601 instant; the newest manifest of a dataset is the one that counts. */
  readonly createdAt: string;
  readonly chunkCount: number;
  /** Peers that list the manifest. */
  readonly listedBy: readonly Listing[];
  /** By institution id, then peer id. */
  readonly copies: readonly CopyEntry[];
  readonly outlook: RepairOutlook;
  /** Milliseconds since the epoch; null before the first audit. */
  readonly auditedAtMs: number | null;
  /** By peer id. */
  readonly failures: Readonly<Record<string, PullFailure>>;
  /** By peer id. */
  readonly pulls: Readonly<Record<string, BegunPull>>;
  /** The last AUDIT that went into the log. */
  readonly recorded: { readonly result: string; readonly atMs: number } | null;
}

/** How far a peer's list of manifests has been read. */
export interface PeerProgress {
  readonly sequence: number;
  /** Hash of the manifest at that sequence number, hex: tells whether the peer began to count anew. */
  readonly manifestHash: string;
  /** Which store of the peer counted, '' when it does not say; absent in what was noted before peers said. */
  readonly epoch?: string;
}

export interface ManifestFacts {
  readonly datasetId: string;
  readonly manifestHash: string;
  readonly createdAt: string;
  /** Each chunk once, concatenated, 32 bytes each. */
  readonly chunkIds: Uint8Array;
}

const CHUNK_ID_BYTES = 32;
/** Datasets read at once while all of them are looked through. */
const SCAN_PAGE = 256;

/**
 * The auditor's memory, on disk (LMDB): after a restart it serves what was last known. Datasets are keyed by the hash of
 * their id, because an id may be longer than LMDB's longest key.
 */
export class HealthStore {
  readonly #root: RootDatabase<unknown, string>;
  readonly #datasets: Database<DatasetEntry, string>;
  readonly #chunks: Database<Buffer, string>;
  readonly #peers: Database<PeerProgress, string>;
  readonly #rounds: Database<number, string>;

  constructor(dir: string) {
    this.#root = openEnvironment({ path: dir, maxDbs: 8 });
    this.#datasets = this.#root.openDB({ name: 'datasets' });
    this.#chunks = this.#root.openDB({ name: 'chunks', encoding: 'binary' });
    this.#peers = this.#root.openDB({ name: 'peers' });
    this.#rounds = this.#root.openDB({ name: 'rounds' });
  }

  /** DEGRADED while its disk is full. */
  checkHealth(): Promise<PartHealth> {
    return checkRoom(this.#root, 'What audits find');
  }

  readDataset(id: string): DatasetEntry | undefined {
    return this.#datasets.get(keyOf(id));
  }

  /** One for each id, in order; undefined for those that the swarm does not hold. */
  readDatasets(ids: readonly string[]): Promise<(DatasetEntry | undefined)[]> {
    return this.#datasets.getMany(ids.map(keyOf));
  }

  /** The ids of a manifest's chunks, each once, as views of one buffer. */
  readChunkIds(manifestHash: string): Uint8Array[] {
    const bytes = this.#chunks.get(manifestHash) ?? Buffer.alloc(0);
    return Array.from({ length: bytes.length / CHUNK_ID_BYTES }, (_, index) =>
      bytes.subarray(index * CHUNK_ID_BYTES, (index + 1) * CHUNK_ID_BYTES),
    );
  }

  /** Every dataset, in pages, in no order that means anything; what is added meanwhile may be missed. */
  *listDatasets(): Generator<DatasetEntry[]> {
    let after: string | undefined;
    while (true) {
      const range = after === undefined ? {} : { start: after, exclusiveStart: true };
      const page = [...this.#datasets.getRange({ ...range, limit: SCAN_PAGE })];
      if (page.length === 0) return;
      after = page.at(-1)?.key;
      yield page.map(({ value }) => value);
    }
  }

  countDatasets(): number {
    return this.#datasets.getCount();
  }

  /** Notes that a peer lists a manifest, and that its list has been read so far. True when there is news to audit. */
  addListing(facts: ManifestFacts, listing: Listing, progress: PeerProgress): Promise<boolean> {
    return commit(this.#root, () => {
      void this.#peers.put(listing.peerId, progress);
      const key = keyOf(facts.datasetId);
      const known = this.#datasets.get(key);
      if (known && isNewer(known, facts)) return false;
      if (known?.manifestHash === facts.manifestHash) {
        if (known.listedBy.some(({ peerId }) => peerId === listing.peerId)) return false;
        void this.#datasets.put(key, { ...known, listedBy: [...known.listedBy, listing] });
        return true;
      }
      if (known) void this.#chunks.remove(known.manifestHash);
      void this.#chunks.put(facts.manifestHash, Buffer.from(facts.chunkIds));
      void this.#datasets.put(key, createEntry(facts, listing));
      return true;
    });
  }

  /** Changes a dataset as one step; undefined when it is not, or no longer, known under that manifest. */
  update(
    id: string,
    manifestHash: string,
    change: (entry: DatasetEntry) => DatasetEntry,
  ): Promise<DatasetEntry | undefined> {
    return commit(this.#root, () => {
      const known = this.#datasets.get(keyOf(id));
      if (known === undefined || known.manifestHash !== manifestHash) return undefined;
      const changed = change(known);
      void this.#datasets.put(keyOf(id), changed);
      return changed;
    });
  }

  readProgress(peerId: string): PeerProgress | undefined {
    return this.#peers.get(peerId);
  }

  /** Advances over a manifest that is not to be kept. */
  async skip(peerId: string, progress: PeerProgress): Promise<void> {
    await commit(this.#root, () => {
      void this.#peers.put(peerId, progress);
    });
  }

  /** Forgets what a peer lists: its list begins anew. What it ever had stays known through its copies. */
  async forgetListings(peerId: string): Promise<void> {
    for (const page of this.listDatasets()) {
      const listed = page.filter(({ listedBy }) => listedBy.some((listing) => listing.peerId === peerId));
      for (const { id, manifestHash } of listed) {
        await this.update(id, manifestHash, (entry) => ({
          ...entry,
          listedBy: entry.listedBy.filter((listing) => listing.peerId !== peerId),
        }));
      }
    }
    await commit(this.#root, () => {
      void this.#peers.remove(peerId);
    });
  }

  readLastRoundAtMs(): number | null {
    return this.#rounds.get('last') ?? null;
  }

  async writeLastRoundAtMs(atMs: number): Promise<void> {
    await commit(this.#root, () => {
      void this.#rounds.put('last', atMs);
    });
  }

  async close(): Promise<void> {
    await this.#root.close();
  }
}

const keyOf = (id: string): string => hexBlake3(Buffer.from(id));

/** By the instant in the manifest; the hash decides between equals, so that every auditor decides alike. */
function isNewer(known: DatasetEntry, facts: ManifestFacts): boolean {
  const left = Date.parse(known.createdAt);
  const right = Date.parse(facts.createdAt);
  return left > right || (left === right && known.manifestHash > facts.manifestHash);
}

function createEntry(facts: ManifestFacts, listing: Listing): DatasetEntry {
  return {
    id: facts.datasetId,
    manifestHash: facts.manifestHash,
    createdAt: facts.createdAt,
    chunkCount: facts.chunkIds.length / CHUNK_ID_BYTES,
    listedBy: [listing],
    copies: [],
    outlook: { possible: true },
    auditedAtMs: null,
    failures: {},
    pulls: {},
    recorded: null,
  };
}
