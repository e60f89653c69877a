import type { Call } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import { type GrpcService, serverStreamHandler, unaryHandler } from '../../../core/grpc-server.js';
import { createDatasetId, parseRepositoryId } from '../../../core/ids.js';
import type { Logger } from '../../../core/log.js';
import type {
  DescribeRequest,
  DescribeResponse,
  ListDatasetsRequest,
  ListDatasetsResponse,
  OpenFileRequest,
  OpenFileResponse,
  ReadDatasetRequest,
  ReadDatasetResponse,
} from '../../../proto/gen/sciclomatic/catalog/v1/repository.js';
import { RepositoryServiceService } from '../../../proto/gen/sciclomatic/catalog/v1/repository.js';
import { MAX_BATCH_BYTES, MAX_BATCH_RECORDS } from '../batch-limits.js';
import type { DatasetBatch, RepositoryAdapter } from '../contract.js';

/** Serves repository adapters as RepositoryService: what `sc serve --role repository` runs. */
export function createRepositoryService(adapters: readonly RepositoryAdapter[], log: Logger): GrpcService {
  const byId = new Map<string, RepositoryAdapter>(adapters.map((adapter) => [adapter.id, adapter]));
  const adapterOf = (id: string): RepositoryAdapter => {
    const adapter = byId.get(parseRepositoryId(id));
    if (!adapter) throw new SciclomaticError('UNKNOWN_REPOSITORY', `This server does not offer ${id}`);
    return adapter;
  };
  return {
    definition: RepositoryServiceService,
    implementation: {
      describe: unaryHandler<DescribeRequest, DescribeResponse>(log, async (_request, call) => ({
        repositories: await Promise.all(
          adapters.map(async (adapter) => {
            const { name, description, homepageUrl } = await adapter.describe(call);
            return {
              id: adapter.id,
              name,
              description,
              homepageUrl: homepageUrl ?? '',
              supports: { ...adapter.supports },
            };
          }),
        ),
      })),
      listDatasets: serverStreamHandler<ListDatasetsRequest, ListDatasetsResponse>(
        log,
        async function* (request, call) {
          const adapter = adapterOf(request.repository);
          for await (const batch of adapter.listDatasets(request.after || undefined, call)) yield toMessage(batch);
        },
      ),
      readDataset: unaryHandler<ReadDatasetRequest, ReadDatasetResponse>(log, async (request, call) => ({
        recordJson: encodeJson(await adapterOf(request.repository).readDataset(checkedLocalId(request), call)),
      })),
      openFile: serverStreamHandler<OpenFileRequest, OpenFileResponse>(log, (request, call) =>
        readFile(adapterOf(request.repository), request, call),
      ),
    },
  };
}

/** @throws SOURCE_INVALID_ANSWER when the adapter broke the bounds of the contract */
function toMessage(batch: DatasetBatch): ListDatasetsResponse {
  const recordsJson = batch.records.map(encodeJson);
  const sizeBytes = recordsJson.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (recordsJson.length > MAX_BATCH_RECORDS || (sizeBytes > MAX_BATCH_BYTES && recordsJson.length > 1)) {
    const limit = `at most ${MAX_BATCH_RECORDS} records and ${MAX_BATCH_BYTES} bytes`;
    throw new SciclomaticError(
      'SOURCE_INVALID_ANSWER',
      `A batch holds ${recordsJson.length} records of ${sizeBytes} bytes; ${limit}`,
    );
  }
  return {
    recordsJson,
    deletedLocalIds: [...batch.deletedLocalIds],
    problems: [...batch.problems],
    cursor: batch.cursor,
  };
}

async function* readFile(
  adapter: RepositoryAdapter,
  request: OpenFileRequest,
  call: Call,
): AsyncGenerator<OpenFileResponse> {
  const range = {
    offset: Number(request.offset),
    length: request.length === undefined ? undefined : Number(request.length),
  };
  for await (const bytes of await adapter.openFile(checkedLocalId(request), request.path, range, call)) yield { bytes };
}

function checkedLocalId(request: { repository: string; localId: string }): string {
  createDatasetId(parseRepositoryId(request.repository), request.localId);
  return request.localId;
}

function encodeJson(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
