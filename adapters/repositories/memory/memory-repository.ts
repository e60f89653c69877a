import { assertActive, type Call } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import { parseDatasetId, parseRepositoryId, type RepositoryId, splitDatasetId } from '../../../core/ids.js';
import { hexSha256 } from '../../../core/node-hashes.js';
import { type DatasetRecord, type FileRecord, parseDatasetRecord } from '../../../formats/dataset-record.js';
import type {
  DatasetBatch,
  FileRange,
  RepositoryAdapter,
  RepositoryDescription,
  RepositorySupports,
} from '../contract.js';
import { MAX_PIECE_BYTES, resolveFileRange } from '../file-range.js';

export interface MemoryDataset {
  /** When its `files` is null, files are listed from the bytes given beside it, with size and SHA-256. */
  readonly record: DatasetRecord;
  /** Path → bytes. Kept as given, even where they contradict the record: tests may need a repository that lies. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export interface MemoryRepositoryOptions {
  readonly id: string;
  /** Default: the id. */
  readonly name?: string | undefined;
  readonly description: string;
  /** In the order in which they are listed. */
  readonly datasets: readonly MemoryDataset[];
  /** Records in a batch; default 100. */
  readonly batchSize?: number | undefined;
}

/** A repository that a test or an embedding program can change while it is being listed. */
export interface MemoryRepository extends RepositoryAdapter {
  /** Adds the dataset, or replaces the one of that id; it moves to the end of the listing. @throws MALFORMED_ID, BAD_INPUT */
  put(dataset: MemoryDataset): void;
  /** Takes the dataset away and tells it as a deletion from now on. @throws NOT_FOUND */
  withdraw(localId: string): void;
}

/** The last thing that happened to one dataset. */
interface Change {
  /** Counts changes of the whole repository, from 1: the place in the listing, and what a cursor holds. */
  readonly sequence: number;
  readonly localId: string;
  /** Undefined = withdrawn. */
  readonly dataset: MemoryDataset | undefined;
}

const DEFAULT_BATCH_SIZE = 100;

/** A repository in this process's memory: the reference implementation of the contract. */
export function createMemoryRepository(options: MemoryRepositoryOptions): MemoryRepository {
  return new InMemoryRepository(options);
}

class InMemoryRepository implements MemoryRepository {
  readonly id: RepositoryId;
  readonly supports: RepositorySupports = {
    incremental: true,
    deletions: true,
    files: true,
    fileBytes: true,
    ranges: true,
  };
  readonly #description: RepositoryDescription;
  readonly #batchSize: number;
  readonly #changes = new Map<string, Change>();
  #sequence = 0;

  constructor(options: MemoryRepositoryOptions) {
    this.id = parseRepositoryId(options.id);
    this.#description = { id: this.id, name: options.name ?? options.id, description: options.description };
    this.#batchSize = options.batchSize ?? DEFAULT_BATCH_SIZE;
    for (const dataset of options.datasets) this.put(dataset);
  }

  put(dataset: MemoryDataset): void {
    const { repository, localId } = splitDatasetId(parseDatasetId(dataset.record.id));
    if (repository !== this.id) {
      throw new SciclomaticError('BAD_INPUT', `${dataset.record.id} does not belong to the repository ${this.id}`);
    }
    const files = dataset.record.files ?? listFiles(dataset.files);
    const record = parseDatasetRecord({ ...dataset.record, files }, this.id);
    this.#change(localId, { record, files: new Map(dataset.files) });
  }

  withdraw(localId: string): void {
    this.#dataset(localId);
    this.#change(localId, undefined);
  }

  async describe(call: Call): Promise<RepositoryDescription> {
    assertActive(call);
    return this.#description;
  }

  async *listDatasets(after: string | undefined, call: Call): AsyncGenerator<DatasetBatch> {
    assertActive(call);
    const sequence = after === undefined ? 0 : this.#parseCursor(after);
    // A copy: what changes from here on belongs to the next listing, so that no dataset comes twice in this one.
    const changes = [...this.#changes.values()].filter((change) => change.sequence > sequence);
    for (let start = 0; start < changes.length; start += this.#batchSize) {
      assertActive(call);
      yield this.#batch(changes.slice(start, start + this.#batchSize));
    }
  }

  async readDataset(localId: string, call: Call): Promise<DatasetRecord> {
    assertActive(call);
    return this.#dataset(localId).record;
  }

  async openFile(localId: string, path: string, range: FileRange, call: Call): Promise<AsyncIterable<Uint8Array>> {
    assertActive(call);
    const bytes = this.#dataset(localId).files.get(path);
    if (!bytes) throw new SciclomaticError('NOT_FOUND', `${localId} has no file ${path}`, { source: this.id });
    const { start, end } = resolveFileRange(range, bytes.byteLength);
    return cutPieces(bytes.subarray(start, end), call);
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  #change(localId: string, dataset: MemoryDataset | undefined): void {
    this.#sequence += 1;
    // Deleted first, so that the map's order stays that of the sequence numbers.
    this.#changes.delete(localId);
    this.#changes.set(localId, { sequence: this.#sequence, localId, dataset });
  }

  #dataset(localId: string): MemoryDataset {
    const dataset = this.#changes.get(localId)?.dataset;
    if (!dataset) throw new SciclomaticError('NOT_FOUND', `No dataset ${localId}`, { source: this.id });
    return dataset;
  }

  #batch(changes: readonly Change[]): DatasetBatch {
    return {
      records: changes.flatMap((change) => (change.dataset ? [change.dataset.record] : [])),
      deletedLocalIds: changes.flatMap((change) => (change.dataset ? [] : [change.localId])),
      problems: [],
      cursor: `${this.id}@${changes.at(-1)?.sequence ?? this.#sequence}`,
    };
  }

  #parseCursor(cursor: string): number {
    const prefix = `${this.id}@`;
    const digits = cursor.startsWith(prefix) ? cursor.slice(prefix.length) : '';
    if (!/^[1-9]\d{0,14}$/.test(digits) || Number(digits) > this.#sequence) {
      throw new SciclomaticError('BAD_CURSOR', 'The cursor was not issued by this repository', { source: this.id });
    }
    return Number(digits);
  }
}

function listFiles(files: ReadonlyMap<string, Uint8Array>): FileRecord[] {
  return [...files]
    .map(([path, bytes]) => ({
      path,
      sizeBytes: bytes.byteLength,
      checksums: [{ algorithm: 'sha256', value: hexSha256(bytes), origin: 'SOURCE' as const }],
    }))
    .sort((left, right) => (left.path < right.path ? -1 : 1));
}

async function* cutPieces(bytes: Uint8Array, call: Call): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += MAX_PIECE_BYTES) {
    assertActive(call);
    yield bytes.subarray(start, start + MAX_PIECE_BYTES);
  }
}
