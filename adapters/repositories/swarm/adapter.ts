import { assertActive, type Call } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import { type ManifestHash, type RepositoryId, SWARM_REPOSITORY } from '../../../core/ids.js';
import type { DatasetRecord } from '../../../formats/dataset-record.js';
import { createDatasetRecord } from '../../../formats/manifest.js';
import type { Directory } from '../../directory.js';
import { LIST_START, type ListPosition } from '../../swarm/peer-connection.js';
import { createSwarm, type HeldManifest, type Swarm, type SwarmPeer } from '../../swarm/swarm.js';
import { MAX_BATCH_BYTES, measureRecord } from '../batch-limits.js';
import type {
  DatasetBatch,
  FileRange,
  RepositoryAdapter,
  RepositoryDescription,
  RepositorySupports,
} from '../contract.js';
import { resolveFileRange } from '../file-range.js';
import { createSeenManifests, type SeenManifests } from './seen-manifests.js';
import { decodeSwarmCursor, encodeSwarmCursor, type SwarmPosition } from './swarm-cursor.js';

export interface SwarmRepositoryOptions {
  /** Knows the storage peers. */
  readonly directory: Directory;
  /** Whose peers are asked first. */
  readonly nearInstitution?: string | undefined;
}

/** Records in a batch. */
const BATCH_RECORDS = 100;

/**
 * What was submitted to the swarm, as a repository like any other: the manifests of its peers. Mirrors are left out, since
 * their own repositories list them. Nothing is ever withdrawn.
 */
export function createSwarmRepository(options: SwarmRepositoryOptions): RepositoryAdapter {
  return new SwarmRepository(createSwarm(options));
}

class SwarmRepository implements RepositoryAdapter {
  readonly id: RepositoryId = SWARM_REPOSITORY;
  readonly supports: RepositorySupports = {
    incremental: true,
    deletions: false,
    files: true,
    fileBytes: true,
    ranges: true,
  };
  readonly #swarm: Swarm;
  readonly #seen: SeenManifests = createSeenManifests();

  constructor(swarm: Swarm) {
    this.#swarm = swarm;
  }

  async describe(call: Call): Promise<RepositoryDescription> {
    assertActive(call);
    return {
      id: this.id,
      name: 'Sciclomatic swarm',
      description: 'Datasets that were submitted here and are kept by several institutions.',
    };
  }

  async *listDatasets(after: string | undefined, call: Call): AsyncGenerator<DatasetBatch> {
    assertActive(call);
    const from = after === undefined ? {} : decodeSwarmCursor(after);
    const peers = (await this.#swarm.listPeers(call)).filter(({ healthy }) => healthy);
    const reached: Record<string, ListPosition> = { ...from };
    const given = new Set<ManifestHash>();
    let failure: unknown;
    let answered = 0;
    for (const peer of peers) {
      try {
        yield* this.#listPeer(peer, from, reached, given, call);
        answered += 1;
      } catch (error) {
        if (call.signal.aborted) throw error;
        // Its position stays where it is: what only this peer has comes when it answers again.
        call.log.warn({ error, peer: peer.id }, 'A storage peer does not list its manifests');
        failure = error;
      }
    }
    // A full listing is taken for all there is, so it must not end well without what a living peer alone may hold.
    if (answered === 0 || (after === undefined && failure !== undefined)) {
      throw new SciclomaticError('SOURCE_UNAVAILABLE', 'Not every storage peer lists its manifests', {
        source: this.id,
        cause: failure,
      });
    }
  }

  async readDataset(localId: string, call: Call): Promise<DatasetRecord> {
    const { signed } = await this.#find(localId, call);
    return createDatasetRecord(signed.manifest, signed.hash);
  }

  async openFile(localId: string, path: string, range: FileRange, call: Call): Promise<AsyncIterable<Uint8Array>> {
    const { signed, holders } = await this.#find(localId, call);
    const file = signed.manifest.files.find((one) => one.path === path);
    if (!file) throw new SciclomaticError('NOT_FOUND', `${localId} has no file ${path}`, { source: this.id });
    const { start, end } = resolveFileRange(range, file.sizeBytes);
    return this.#swarm.readFile(file, { offset: start, length: end - start }, holders, call);
  }

  async close(): Promise<void> {
    await this.#swarm.close();
  }

  async *#listPeer(
    peer: SwarmPeer,
    from: SwarmPosition,
    reached: Record<string, ListPosition>,
    given: Set<ManifestHash>,
    call: Call,
  ): AsyncGenerator<DatasetBatch> {
    let records: DatasetRecord[] = [];
    let sizeBytes = 0;
    const start = from[peer.id] ?? LIST_START;
    let told = start;
    const takeBatch = (): DatasetBatch => {
      const batch = { records, deletedLocalIds: [], problems: [], cursor: encodeSwarmCursor(reached) };
      records = [];
      sizeBytes = 0;
      told = reached[peer.id] ?? told;
      return batch;
    };
    for await (const { position, signed } of peer.connection.listManifests(start, call)) {
      const { hash, manifest } = signed;
      const isNew = !given.has(hash) && !this.#seen.isKnownAt(from, peer.id, hash);
      const record = isNew && manifest.datasetId === null ? createDatasetRecord(manifest, hash) : undefined;
      const recordBytes = record === undefined ? 0 : measureRecord(record);
      // Before the position is moved on: the cursor of that batch does not know this one.
      if (records.length > 0 && sizeBytes + recordBytes > MAX_BATCH_BYTES) yield takeBatch();
      given.add(hash);
      this.#seen.note(peer.id, hash, position);
      reached[peer.id] = position;
      if (record === undefined) continue;
      records.push(record);
      sizeBytes += recordBytes;
      if (records.length === BATCH_RECORDS) yield takeBatch();
    }
    // An empty batch still says how far the list was read.
    if (records.length > 0 || (reached[peer.id] ?? told) !== told) yield takeBatch();
  }

  /** A dataset submitted here; mirrors are not this repository's. */
  async #find(localId: string, call: Call): Promise<HeldManifest> {
    assertActive(call);
    const held = /^[0-9a-f]{64}$/.test(localId)
      ? await this.#swarm.findManifest({ hash: localId as ManifestHash }, call)
      : undefined;
    if (held === undefined || held.signed.manifest.datasetId !== null) {
      throw new SciclomaticError('NOT_FOUND', `The swarm holds no dataset ${localId.slice(0, 80)}`, {
        source: this.id,
      });
    }
    return held;
  }
}
