import { type Call, createCall } from '../../../core/call.js';
import { parseDatasetId, splitDatasetId } from '../../../core/ids.js';
import { silentLogger } from '../../../core/log.js';
import { createTestCall } from '../../../core/test-call.js';
import type { DatasetRecord, FileRecord } from '../../../formats/dataset-record.js';
import type { DatasetBatch, FileRange, RepositoryAdapter } from '../contract.js';
import { expectThat } from './expectations.js';

/** A repository may hold millions of datasets and terabytes: this is all that one case reads of it. */
export const SAMPLE_LIMITS = {
  /** Batches of one listing. */
  batches: 4,
  /** Records looked at one by one. */
  records: 5,
  /** Files whose bytes are read. */
  files: 3,
  /** Largest file that is read whole, in bytes. */
  fileBytes: 16 * 1024 * 1024,
  /** Time limit of each call, in milliseconds: a source far away may take seconds for a page. */
  timeoutMs: 60_000,
} as const;

export const sampleCall = (): Call => createTestCall(SAMPLE_LIMITS.timeoutMs);

export const abortedCall = (): Call => createCall({ log: silentLogger, signal: AbortSignal.abort() });

export interface ListingSample {
  readonly batches: readonly DatasetBatch[];
  readonly records: readonly DatasetRecord[];
  /** Whether the listing ended within the limit. */
  readonly finished: boolean;
}

/** The first batches of a listing, then the listing is left: adapters MUST stand that. */
export async function sampleListing(
  adapter: RepositoryAdapter,
  after?: string,
  maximumBatches: number = SAMPLE_LIMITS.batches,
): Promise<ListingSample> {
  const batches: DatasetBatch[] = [];
  let finished = true;
  for await (const batch of adapter.listDatasets(after, sampleCall())) {
    if (batches.length === maximumBatches) {
      finished = false;
      break;
    }
    batches.push(batch);
  }
  return { batches, records: batches.flatMap((batch) => batch.records), finished };
}

/** A listing's first batches with at least one record in them; an empty repository shows nothing and fails the case. */
export async function sampleFilledListing(adapter: RepositoryAdapter): Promise<ListingSample> {
  const sample = await sampleListing(adapter);
  expectThat(
    sample.records.length > 0,
    `Expected a dataset in the first ${SAMPLE_LIMITS.batches} batches, got none: the suite needs a repository that is not empty`,
  );
  return sample;
}

/** A few of them, spread evenly, the first always. */
export function pickSome<Item>(items: readonly Item[], maximum: number): Item[] {
  const step = Math.max(1, Math.ceil(items.length / maximum));
  return items.filter((_, index) => index % step === 0);
}

export const localIdOf = (record: DatasetRecord): string => splitDatasetId(parseDatasetId(record.id)).localId;

export interface FileSample {
  readonly localId: string;
  readonly file: FileRecord;
  readonly sizeBytes: number;
}

/** Files of known size that are small enough to read, smallest first. Fails the case when there is none. */
export async function sampleFiles(adapter: RepositoryAdapter): Promise<FileSample[]> {
  const { records } = await sampleFilledListing(adapter);
  const files = records
    .flatMap((record) => (record.files ?? []).map((file) => ({ localId: localIdOf(record), file })))
    .flatMap((sample) => (sample.file.sizeBytes === null ? [] : [{ ...sample, sizeBytes: sample.file.sizeBytes }]))
    .filter((sample) => sample.sizeBytes <= SAMPLE_LIMITS.fileBytes)
    .sort((left, right) => left.sizeBytes - right.sizeBytes);
  expectThat(
    files.length > 0,
    `Expected a file of known size up to ${SAMPLE_LIMITS.fileBytes} bytes in the first ${records.length} datasets, got none`,
  );
  return files;
}

/** The smallest file that a range can be cut from. */
export async function sampleFileForRanges(adapter: RepositoryAdapter): Promise<FileSample> {
  const found = (await sampleFiles(adapter)).find((sample) => sample.sizeBytes >= 8);
  expectThat(found !== undefined, 'Expected a file of 8 bytes or more among the first datasets, got none');
  return found;
}

/** All pieces of a file or range. */
export async function readPieces(
  adapter: RepositoryAdapter,
  sample: { readonly localId: string; readonly path: string },
  range: FileRange = { offset: 0 },
  call: Call = sampleCall(),
): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of await adapter.openFile(sample.localId, sample.path, range, call)) pieces.push(piece);
  return pieces;
}

export async function readBytes(adapter: RepositoryAdapter, sample: FileSample, range?: FileRange): Promise<Buffer> {
  return Buffer.concat(await readPieces(adapter, { localId: sample.localId, path: sample.file.path }, range));
}
