import { status } from '@grpc/grpc-js';
import { decodeSignedManifest } from '../../../adapters/swarm/manifest-message.js';
import { assertActive, type Call } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import { serverStreamHandler, unaryHandler } from '../../../core/grpc-server.js';
import { type ManifestHash, parseDatasetId, parseManifestHash } from '../../../core/ids.js';
import type { Logger } from '../../../core/log.js';
import type {
  ListManifestsRequest,
  ListManifestsResponse,
  ManifestServiceServer,
  ReadManifestRequest,
  SignedManifest as SignedManifestMessage,
} from '../../../proto/gen/sciclomatic/storage/v1/manifest.js';
import { keepManifest, type PeerStores } from './keep-manifest.js';
import type { ManifestStore, StoredManifest } from './manifest-store.js';
import { pullDataset } from './pull-dataset.js';
import { createSharedPulls } from './shared-pulls.js';

export interface ManifestServiceOptions extends PeerStores {
  readonly log: Logger;
}

/** Manifests read from disk at once while they are listed: few, because one may have 64 MiB. */
const LIST_PAGE = 4;

/** Serves a peer's manifests. */
export function createManifestService(options: ManifestServiceOptions): ManifestServiceServer {
  const { manifests, log } = options;
  const pull = createSharedPulls((request, call) => pullDataset(options, request, call));
  const writeManifest = unaryHandler(
    log,
    async ({ manifest }: { manifest?: SignedManifestMessage | undefined }, call) => ({
      created: await keepManifest(options, decodeSignedManifest(manifest, 'caller'), call),
    }),
  );
  return {
    // The contract's status for a manifest whose chunks are missing; the code in the metadata stays CONFLICT.
    writeManifest: (incoming, callback) =>
      writeManifest(incoming, (error, response) =>
        callback(
          error && error.code === status.ALREADY_EXISTS ? { ...error, code: status.FAILED_PRECONDITION } : error,
          response,
        ),
      ),
    readManifest: unaryHandler(log, async ({ key }) => ({ manifest: encodeStored(findManifest(manifests, key)) })),
    listManifests: serverStreamHandler(log, (request, call) => listManifests(manifests, request, call)),
    pullDataset: serverStreamHandler(log, (request, call) =>
      pull({ hash: decodeManifestHash(request.manifestHash), fromAddress: request.fromAddress }, call),
    ),
  };
}

function findManifest(manifests: ManifestStore, key: ReadManifestRequest['key']): StoredManifest {
  if (key === undefined) throw new SciclomaticError('BAD_INPUT', 'A manifest hash or a dataset id is needed');
  const stored =
    key.$case === 'manifestHash'
      ? manifests.readByHash(decodeManifestHash(key.value))
      : manifests.readByDataset(parseDatasetId(key.value));
  if (stored === undefined) throw new SciclomaticError('NOT_FOUND', 'This peer does not hold the manifest');
  return stored;
}

const decodeManifestHash = (bytes: Uint8Array): ManifestHash => parseManifestHash(Buffer.from(bytes).toString('hex'));

const encodeStored = (stored: StoredManifest): SignedManifestMessage => ({
  manifestHash: Buffer.from(stored.hash, 'hex'),
  signedRecordJson: stored.recordJson,
});

async function* listManifests(
  manifests: ManifestStore,
  { afterSequence, epoch }: ListManifestsRequest,
  call: Call,
): AsyncGenerator<ListManifestsResponse> {
  // A number of another epoch counts manifests that are not these.
  let after = epoch === '' || epoch === manifests.epoch ? Number(afterSequence) : 0;
  if (!Number.isSafeInteger(after)) throw new SciclomaticError('BAD_CURSOR', 'The sequence number is over 2^53 - 1');
  for (;;) {
    assertActive(call);
    const page = manifests.list(after, LIST_PAGE);
    for (const stored of page) {
      yield { sequence: BigInt(stored.sequence), manifest: encodeStored(stored), epoch: manifests.epoch };
      after = stored.sequence;
    }
    if (page.length < LIST_PAGE) return;
  }
}
