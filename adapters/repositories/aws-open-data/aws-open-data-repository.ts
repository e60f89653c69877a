import { assertActive, type Call } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import { parseRepositoryId, type RepositoryId } from '../../../core/ids.js';
import type { DatasetRecord } from '../../../formats/dataset-record.js';
import { MAX_BATCH_BYTES, MAX_BATCH_RECORDS, measureRecord } from '../batch-limits.js';
import type {
  DatasetBatch,
  RecordProblem,
  RepositoryAdapter,
  RepositoryDescription,
  RepositorySupports,
} from '../contract.js';
import { createSourceClient, type SourceClient, type SourceClock } from '../fetch-source.js';
import { createRecordProblem } from '../record-problem.js';
import {
  createFolderFiles,
  createTarballFiles,
  MAX_FILE_BYTES,
  type RegistryFile,
  type RegistryFiles,
} from './registry-files.js';
import { parseRegistryRecord } from './registry-record.js';
import { decodeToldFiles, digestFile, encodeToldFiles, type ToldFiles } from './told-files.js';

export interface AwsOpenDataRepositoryOptions {
  /** `folder`: the folder that holds the YAML files. `tarball`: a `.tar.gz` with them in a folder named `datasets`. */
  readonly source:
    | { readonly kind: 'folder'; readonly dir: string }
    | { readonly kind: 'tarball'; readonly url: string };
  /** Default `aws`. */
  readonly id?: string | undefined;
  /** Files in a batch, 1 to 1000; default 100. */
  readonly batchSize?: number | undefined;
  readonly clock?: SourceClock | undefined;
}

const DEFAULT_BATCH_SIZE = 100;

/**
 * The Registry of Open Data on AWS: one dataset for each YAML file. A file that cannot be read becomes a problem, the
 * others stand. A cursor holds what was told, so that a listing after a finished one gives only what is new, changed
 * or gone.
 * @throws CONFIG_INVALID for a batch size out of range
 */
export function createAwsOpenDataRepository(options: AwsOpenDataRepositoryOptions): RepositoryAdapter {
  return new AwsOpenDataRepository(options);
}

class AwsOpenDataRepository implements RepositoryAdapter {
  readonly id: RepositoryId;
  readonly supports: RepositorySupports = {
    incremental: true,
    deletions: true,
    files: false,
    fileBytes: false,
    ranges: false,
  };
  readonly #files: RegistryFiles;
  readonly #client: SourceClient;
  readonly #batchSize: number;
  readonly #list: string;

  constructor(options: AwsOpenDataRepositoryOptions) {
    const { source, batchSize = DEFAULT_BATCH_SIZE } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > MAX_BATCH_RECORDS) {
      throw new SciclomaticError('CONFIG_INVALID', `batchSize must be a whole number from 1 to ${MAX_BATCH_RECORDS}`);
    }
    this.id = parseRepositoryId(options.id ?? 'aws');
    this.#batchSize = batchSize;
    this.#list = `${this.id}/registry`;
    this.#client = createSourceClient({ source: this.id, clock: options.clock });
    this.#files =
      source.kind === 'folder'
        ? createFolderFiles(source.dir, this.id)
        : createTarballFiles(source.url, this.id, this.#client);
  }

  async describe(call: Call): Promise<RepositoryDescription> {
    assertActive(call);
    return {
      id: this.id,
      name: 'Registry of Open Data on AWS',
      description: 'Datasets that their publishers keep in public cloud storage, as described in the registry.',
      homepageUrl: 'https://registry.opendata.aws/',
    };
  }

  async *listDatasets(after: string | undefined, call: Call): AsyncGenerator<DatasetBatch> {
    assertActive(call);
    const told: ToldFiles = after === undefined ? new Map<string, string>() : decodeToldFiles(this.#list, after);
    const present = new Set<string>();
    let batch = new RegistryBatch();
    for await (const file of this.#files.list(call)) {
      if (present.has(file.localId)) {
        batch.problems.push({ localId: file.localId, message: 'Two files of this name; the first one stands' });
        continue;
      }
      present.add(file.localId);
      const digest = digestFile(file.bytes ?? Buffer.alloc(0));
      if (told.get(file.localId) === digest) continue;
      const parsed = this.#parseOrTell(file);
      if (batch.size >= this.#batchSize || !batch.hasRoomFor(parsed)) {
        yield this.#finish(batch, told, call);
        batch = new RegistryBatch();
      }
      told.set(file.localId, digest);
      batch.add(parsed);
    }
    // Only here, after the source was read to its end: a file that is missing from half an archive is not gone.
    for (const localId of [...told.keys()].filter((one) => !present.has(one))) {
      told.delete(localId);
      batch.deletedLocalIds.push(localId);
    }
    if (batch.size > 0) yield this.#finish(batch, told, call);
  }

  async readDataset(localId: string, call: Call): Promise<DatasetRecord> {
    const file = await this.#files.read(localId, call);
    if (file === undefined) throw this.#error('NOT_FOUND', `The registry has no ${JSON.stringify(localId)}`);
    return this.#parse(file);
  }

  async openFile(localId: string): Promise<AsyncIterable<Uint8Array>> {
    throw this.#error('UNSUPPORTED', `The registry describes ${localId}; it does not serve its files`);
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  #parseOrTell(file: RegistryFile): ParsedFile {
    try {
      const record = this.#parse(file);
      return { record, sizeBytes: measureRecord(record) };
    } catch (error) {
      return { problem: createRecordProblem(`${file.localId}.yaml`, error), sizeBytes: 0 };
    }
  }

  #parse({ localId, bytes }: RegistryFile): DatasetRecord {
    if (bytes === undefined) {
      throw this.#error('SOURCE_INVALID_ANSWER', `The file is larger than ${MAX_FILE_BYTES} bytes`);
    }
    return parseRegistryRecord(this.id, localId, bytes.toString('utf8'));
  }

  #finish({ records, deletedLocalIds, problems }: RegistryBatch, told: ToldFiles, call: Call): DatasetBatch {
    assertActive(call);
    return { records, deletedLocalIds, problems, cursor: encodeToldFiles(this.#list, told) };
  }

  #error(code: 'NOT_FOUND' | 'UNSUPPORTED' | 'SOURCE_INVALID_ANSWER', message: string): SciclomaticError {
    return new SciclomaticError(code, message, { source: this.id });
  }
}

/** What one file gave; of the record and the problem one is there. */
interface ParsedFile {
  readonly record?: DatasetRecord;
  readonly problem?: RecordProblem;
  /** Of the record as JSON. */
  readonly sizeBytes: number;
}

/** A batch while it is filled. */
class RegistryBatch {
  #sizeBytes = 0;
  readonly records: DatasetRecord[] = [];
  readonly deletedLocalIds: string[] = [];
  readonly problems: RecordProblem[] = [];

  get size(): number {
    return this.records.length + this.problems.length + this.deletedLocalIds.length;
  }

  /** Always for the first, however large it is. */
  hasRoomFor({ sizeBytes }: ParsedFile): boolean {
    return this.records.length === 0 || this.#sizeBytes + sizeBytes <= MAX_BATCH_BYTES;
  }

  add({ record, problem, sizeBytes }: ParsedFile): void {
    if (record !== undefined) this.records.push(record);
    if (problem !== undefined) this.problems.push(problem);
    this.#sizeBytes += sizeBytes;
  }
}
