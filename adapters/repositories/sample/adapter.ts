import { assertActive, type Call } from '../../../core/call.js';
import { decodeCursor, encodeCursor } from '../../../core/cursor.js';
import { SciclomaticError } from '../../../core/errors.js';
import { parseRepositoryId, type RepositoryId } from '../../../core/ids.js';
import type { DatasetRecord } from '../../../formats/dataset-record.js';
import type {
  DatasetBatch,
  FileRange,
  RepositoryAdapter,
  RepositoryDescription,
  RepositorySupports,
} from '../contract.js';
import { resolveFileRange } from '../file-range.js';
import { createRecord, SAMPLE_GENERATOR, SAMPLE_REPOSITORY } from './sample-dataset.js';
import type { SampleProcess } from './sample-process.js';
import { SAMPLE_PROCESSES } from './sample-processes.js';
import { SampleStore } from './sample-store.js';

export interface SampleRepositoryOptions {
  /** Folder for the computed files; made when it is not there. */
  readonly dir: string;
  /** Default `sample`; another one where several institutions serve these datasets to one catalogue. */
  readonly id?: string | undefined;
}

/** Datasets in one batch: few, because at the first start each of them is computed. */
const BATCH_SIZE = 4;

/** Datasets that this program computes itself, so that everything works with no network. */
export function createSampleRepository({ dir, id = SAMPLE_REPOSITORY }: SampleRepositoryOptions): RepositoryAdapter {
  return new SampleRepository(parseRepositoryId(id), new SampleStore(dir));
}

class SampleRepository implements RepositoryAdapter {
  readonly id: RepositoryId;

  readonly supports: RepositorySupports = {
    incremental: true, // a dataset never changes and new ones are appended, so a cursor holds for ever
    deletions: false, // and none is ever withdrawn
    files: true,
    fileBytes: true,
    ranges: true,
  };

  readonly #store: SampleStore;

  constructor(id: RepositoryId, store: SampleStore) {
    this.id = id;
    this.#store = store;
  }

  async describe(call: Call): Promise<RepositoryDescription> {
    assertActive(call);
    return {
      id: this.id,
      name: 'Sciclomatic samples',
      description: `Small datasets of well-known scientific processes, computed by ${SAMPLE_GENERATOR}.`,
    };
  }

  async *listDatasets(after: string | undefined, call: Call): AsyncGenerator<DatasetBatch> {
    assertActive(call);
    const first = after === undefined ? 0 : placeOf(after) + 1;
    for (let start = first; start < SAMPLE_PROCESSES.length; start += BATCH_SIZE) {
      const batch = SAMPLE_PROCESSES.slice(start, start + BATCH_SIZE);
      const records: DatasetRecord[] = [];
      for (const about of batch) records.push(await this.#readRecord(about, call));
      yield { records, deletedLocalIds: [], problems: [], cursor: cursorOf(batch) };
    }
  }

  async readDataset(localId: string, call: Call): Promise<DatasetRecord> {
    return this.#readRecord(findProcess(localId), call);
  }

  async openFile(localId: string, path: string, range: FileRange, call: Call): Promise<AsyncIterable<Uint8Array>> {
    const about = findProcess(localId);
    assertActive(call);
    const file = (await this.#store.listFiles(about)).find((one) => one.path === path);
    if (!file) throw new SciclomaticError('NOT_FOUND', `${localId} has no file ${path}`, { source: this.id });
    const { start, end } = resolveFileRange(range, file.sizeBytes ?? 0);
    return this.#store.openFile(about, file, start, end, call);
  }

  async close(): Promise<void> {
    // Files are open only while they are read or computed; whoever closes may remove the folder next.
    await this.#store.settle();
  }

  async #readRecord(about: SampleProcess, call: Call): Promise<DatasetRecord> {
    assertActive(call);
    return createRecord(about, await this.#store.listFiles(about), this.id);
  }
}

/** @throws NOT_FOUND */
function findProcess(localId: string): SampleProcess {
  const about = SAMPLE_PROCESSES.find((one) => one.localId === localId);
  if (!about) throw new SciclomaticError('NOT_FOUND', `No dataset ${localId}`, { source: SAMPLE_REPOSITORY });
  return about;
}

/** A cursor names the last dataset told: the order of SAMPLE_PROCESSES is the order of the listing. */
const cursorOf = (batch: readonly SampleProcess[]): string =>
  encodeCursor(SAMPLE_REPOSITORY, batch.at(-1)?.localId ?? '');

/** @throws BAD_CURSOR */
function placeOf(cursor: string): number {
  const localId = decodeCursor(SAMPLE_REPOSITORY, cursor);
  const place = SAMPLE_PROCESSES.findIndex((about) => about.localId === localId);
  if (place < 0) throw new SciclomaticError('BAD_CURSOR', `No dataset ${localId}`, { source: SAMPLE_REPOSITORY });
  return place;
}
