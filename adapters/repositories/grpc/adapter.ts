import { credentials } from '@grpc/grpc-js';
import { type Call, limitCall } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import { CHANNEL_OPTIONS, callServerStream, callUnary } from '../../../core/grpc-client.js';
import { parseRepositoryId, type RepositoryId } from '../../../core/ids.js';
import { type DatasetRecord, parseDatasetRecord } from '../../../formats/dataset-record.js';
import { type Repository, RepositoryServiceClient } from '../../../proto/gen/sciclomatic/catalog/v1/repository.js';
import type { DatasetBatch, FileRange, RepositoryAdapter } from '../contract.js';
import { MAX_PIECE_BYTES, resolveFileRange } from '../file-range.js';

/** Time limit of Describe, in milliseconds. */
const DESCRIBE_TIMEOUT_MS = 5000;

export interface GrpcRepositoryOptions {
  /** host:port of a server of RepositoryService. */
  readonly address: string;
  /** Which of its repositories; may be left out when it offers one only. */
  readonly repository?: RepositoryId | undefined;
}

/** The repositories that a server offers. @throws SOURCE_UNAVAILABLE, SOURCE_INVALID_ANSWER */
export async function listGrpcRepositories(address: string, call: Call): Promise<Repository[]> {
  const client = new RepositoryServiceClient(address, credentials.createInsecure(), CHANNEL_OPTIONS);
  try {
    const { repositories } = await callUnary(
      client.describe.bind(client),
      {},
      limitCall(call, DESCRIBE_TIMEOUT_MS),
      address,
    );
    return repositories;
  } finally {
    client.close();
  }
}

/**
 * Any institution's own server as a repository adapter. What it answers is checked: records that break the rules fail
 * the call that brought them (SOURCE_INVALID_ANSWER), naming the repository.
 * @throws SOURCE_UNAVAILABLE, UNKNOWN_REPOSITORY when the server does not offer it
 */
export async function createGrpcRepository(options: GrpcRepositoryOptions, call: Call): Promise<RepositoryAdapter> {
  const offered = await listGrpcRepositories(options.address, call);
  const described =
    options.repository === undefined && offered.length === 1
      ? offered[0]
      : offered.find(({ id }) => id === options.repository);
  if (!described) {
    const names = offered.map(({ id }) => id).join(', ') || 'none';
    throw new SciclomaticError(
      'UNKNOWN_REPOSITORY',
      `${options.address} offers ${names}; not ${options.repository ?? 'exactly one'}`,
      { source: options.address },
    );
  }
  return new GrpcRepository(options.address, described);
}

class GrpcRepository implements RepositoryAdapter {
  readonly id: RepositoryId;
  readonly supports: RepositoryAdapter['supports'];
  readonly #client: RepositoryServiceClient;
  readonly #described: Repository;

  constructor(address: string, described: Repository) {
    this.id = parseRepositoryId(described.id);
    this.supports = described.supports ?? {
      incremental: false,
      deletions: false,
      files: false,
      fileBytes: false,
      ranges: false,
    };
    this.#described = described;
    this.#client = new RepositoryServiceClient(address, credentials.createInsecure(), CHANNEL_OPTIONS);
  }

  describe(): ReturnType<RepositoryAdapter['describe']> {
    const { name, description, homepageUrl } = this.#described;
    return Promise.resolve({ id: this.id, name, description, ...(homepageUrl ? { homepageUrl } : {}) });
  }

  async *listDatasets(after: string | undefined, call: Call): AsyncGenerator<DatasetBatch> {
    const request = { repository: this.id, after: after ?? '' };
    for await (const batch of callServerStream(this.#client.listDatasets.bind(this.#client), request, call, this.id)) {
      if (batch.cursor === '') throw this.#invalid('a batch without a cursor');
      const { deletedLocalIds, problems, cursor } = batch;
      yield { records: batch.recordsJson.map((json) => this.#parseRecord(json)), deletedLocalIds, problems, cursor };
    }
  }

  async readDataset(localId: string, call: Call): Promise<DatasetRecord> {
    const request = { repository: this.id, localId };
    const { recordJson } = await callUnary(this.#client.readDataset.bind(this.#client), request, call, this.id);
    return this.#parseRecord(recordJson);
  }

  async openFile(localId: string, path: string, range: FileRange, call: Call): Promise<AsyncIterable<Uint8Array>> {
    // How large the file is only the server knows; here the numbers must be whole and not negative.
    resolveFileRange(range, Number.MAX_SAFE_INTEGER);
    const request = {
      repository: this.id,
      localId,
      path,
      offset: BigInt(range.offset),
      length: range.length === undefined ? undefined : BigInt(range.length),
    };
    const pieces = this.#pieces(callServerStream(this.#client.openFile.bind(this.#client), request, call, this.id));
    // The first piece is awaited here, so that a file that is not there fails the call and not the reading.
    const first = await pieces.next();
    return (async function* () {
      if (first.done) return;
      yield first.value;
      yield* pieces;
    })();
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }

  async *#pieces(messages: AsyncIterable<{ bytes: Uint8Array }>): AsyncGenerator<Uint8Array> {
    for await (const { bytes } of messages) {
      if (bytes.byteLength > MAX_PIECE_BYTES)
        throw this.#invalid(`a piece of ${bytes.byteLength} bytes; at most ${MAX_PIECE_BYTES}`);
      if (bytes.byteLength > 0) yield bytes;
    }
  }

  #parseRecord(json: Uint8Array): DatasetRecord {
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
    } catch (error) {
      throw this.#invalid('a record that is not UTF-8 JSON', error);
    }
    const record = parseDatasetRecord(value, this.id);
    if (!record.id.startsWith(`${this.id}:`))
      throw this.#invalid(`the record ${record.id}, which is not of this repository`);
    return record;
  }

  #invalid(what: string, cause?: unknown): SciclomaticError {
    return new SciclomaticError('SOURCE_INVALID_ANSWER', `${this.id} sent ${what}`, { source: this.id, cause });
  }
}
