import type { ChunkStore } from '../../../adapters/chunks/contract.js';
import { createPeerConnection } from '../../../adapters/swarm/peer-connection.js';
import type { Call } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import type { ChunkId, ManifestHash } from '../../../core/ids.js';
import type { PullDatasetResponse } from '../../../proto/gen/sciclomatic/storage/v1/manifest.js';
import { keepManifest, type PeerStores } from './keep-manifest.js';
import { listChunkIds, listMissingChunks } from './missing-chunks.js';

export interface PullRequest {
  readonly hash: ManifestHash;
  /** host:port of a peer that holds it. */
  readonly fromAddress: string;
}

/** Chunks that are being written at once. */
const CONCURRENT_WRITES = 8;
/** Chunks between two messages of progress. */
const PROGRESS_CHUNKS = 16;

/**
 * Fetches a dataset from another peer: manifest first, then each chunk that is missing, verified, then the manifest is
 * kept. The receiver is the client, because only a client has a large HTTP/2 window. What a cut pull brought stays, so the
 * next one goes on from there.
 * @throws NOT_FOUND, SOURCE_UNAVAILABLE, CHECKSUM_MISMATCH, STORAGE_FULL
 */
export async function* pullDataset(
  options: PeerStores,
  { hash, fromAddress }: PullRequest,
  call: Call,
): AsyncGenerator<PullDatasetResponse> {
  const source = createPeerConnection(fromAddress, fromAddress);
  let release: () => void = () => undefined;
  try {
    const signed = await source.readManifest({ hash }, call);
    if (signed === undefined || signed.hash !== hash) {
      throw new SciclomaticError('NOT_FOUND', `The source does not hold manifest ${hash}`, { source: fromAddress });
    }
    const ids = listChunkIds(signed.manifest);
    release = options.hold(ids);
    const missing = await listMissingChunks(options.chunks, ids, call);
    const writer = createChunkWriter(options.chunks, call);
    let receivedBytes = 0;
    const report = (complete: boolean): PullDatasetResponse => ({
      heldChunkCount: BigInt(ids.length - missing.length + writer.writtenCount),
      totalChunkCount: BigInt(ids.length),
      receivedBytes: BigInt(receivedBytes),
      complete,
    });
    yield report(false);
    let received = 0;
    for await (const { id, bytes } of source.readChunks(missing, call)) {
      receivedBytes += bytes.length;
      await writer.write(id, bytes);
      received += 1;
      if (received % PROGRESS_CHUNKS === 0) yield report(false);
    }
    await writer.end();
    await keepManifest(options, signed, call);
    yield report(true);
  } finally {
    release();
    source.close();
  }
}

/** Writes a few chunks at a time, so that they share the syncs of the store. */
function createChunkWriter(chunks: ChunkStore, call: Call) {
  const writing = new Set<Promise<unknown>>();
  let writtenCount = 0;
  let failure: { readonly error: unknown } | undefined;
  const assertGood = () => {
    if (failure) throw SciclomaticError.from(failure.error);
  };
  return {
    get writtenCount() {
      return writtenCount;
    },
    write: async (id: ChunkId, bytes: Uint8Array): Promise<void> => {
      assertGood();
      const written: Promise<void> = chunks
        .write(id, bytes, call)
        .then(
          () => {
            writtenCount += 1;
          },
          (error: unknown) => {
            failure ??= { error };
          },
        )
        .finally(() => writing.delete(written));
      writing.add(written);
      if (writing.size >= CONCURRENT_WRITES) await Promise.race(writing);
    },
    end: async (): Promise<void> => {
      await Promise.all(writing);
      assertGood();
    },
  };
}
