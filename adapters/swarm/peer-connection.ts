import { credentials } from '@grpc/grpc-js';
import { type Call, endCall, limitCall } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import {
  CHANNEL_OPTIONS,
  callServerStream,
  callUnary,
  createCallOptions,
  createMetadata,
} from '../../core/grpc-client.js';
import { fromGrpcError } from '../../core/grpc-errors.js';
import type { ChunkId, DatasetId, ManifestHash } from '../../core/ids.js';
import type { SignedManifest } from '../../formats/signed-manifest.js';
import { ChunkServiceClient, type ReadChunksRequest } from '../../proto/gen/sciclomatic/storage/v1/chunk.js';
import { ManifestServiceClient, type ReadManifestRequest } from '../../proto/gen/sciclomatic/storage/v1/manifest.js';
import type { ChunksUsage } from '../chunks/contract.js';
import { chunkServiceDefinition } from './chunk-frame-codec.js';
import { createChunkAssembler, encodeChunkId, MAX_REQUEST_IDS, splitIntoFrames } from './chunk-frames.js';
import { decodeSignedManifest, encodeSignedManifest } from './manifest-message.js';

export interface Chunk {
  readonly id: ChunkId;
  readonly bytes: Uint8Array;
}

export interface ChunksWritten {
  readonly chunkCount: number;
  readonly newChunkCount: number;
}

/** How far a peer's list of manifests was read. */
export interface ListPosition {
  /** Which store of the peer counts, '' when it does not say: a peer whose store was lost counts anew in another one. */
  readonly epoch: string;
  /** Sequence number of the last one; 0 = none yet. */
  readonly sequence: number;
}

export interface ListedManifest {
  /** The list goes on after it. */
  readonly position: ListPosition;
  readonly signed: SignedManifest;
}

export const LIST_START: ListPosition = { epoch: '', sequence: 0 };

export type ManifestKey = { readonly hash: ManifestHash } | { readonly datasetId: DatasetId };

/** One storage peer as its client sees it. Everything that it sends is verified; errors carry the peer's id as source. */
export interface PeerConnection {
  readonly id: string;
  readonly address: string;
  /**
   * The chunks asked for, in order, each verified.
   * @throws NOT_FOUND, CHECKSUM_MISMATCH, SOURCE_INVALID_ANSWER, SOURCE_UNAVAILABLE; chunks before the failing one were given
   */
  readChunks(ids: readonly ChunkId[], call: Call): AsyncGenerator<Chunk>;
  /** On the peer's disk when it resolves. @throws STORAGE_FULL, CHECKSUM_MISMATCH, SOURCE_UNAVAILABLE, also when the peer stalls */
  writeChunks(chunks: AsyncIterable<Chunk> | Iterable<Chunk>, call: Call): Promise<ChunksWritten>;
  hasChunks(ids: readonly ChunkId[], call: Call): Promise<boolean[]>;
  readUsage(call: Call): Promise<ChunksUsage>;
  /** Undefined when the peer does not hold it. */
  readManifest(key: ManifestKey, call: Call): Promise<SignedManifest | undefined>;
  /** True when it was not held before. @throws CONFLICT while a chunk of it is missing */
  writeManifest(signed: Pick<SignedManifest, 'hash' | 'record'>, call: Call): Promise<boolean>;
  /** What came after that position, in order; the whole list when the peer counts in another epoch. */
  listManifests(after: ListPosition, call: Call): AsyncGenerator<ListedManifest>;
  close(): void;
}

/** Time limit of calls whose answer is small, in milliseconds. */
const SMALL_CALL_MS = 10_000;

/** A peer that takes nothing, or does not answer once it has all, is given up after so long, in milliseconds: it syncs in less. */
const STALL_MS = 60_000;

export function createPeerConnection(
  id: string,
  address: string,
  { stallMs = STALL_MS }: { readonly stallMs?: number } = {},
): PeerConnection {
  // Channels are not shared between connections: streams of one channel share its receive window.
  const options = { ...CHANNEL_OPTIONS, 'grpc.use_local_subchannel_pool': 1 };
  const chunks = new ChunkServiceClient(address, credentials.createInsecure(), options);
  const manifests = new ManifestServiceClient(address, credentials.createInsecure(), CHANNEL_OPTIONS);
  return {
    id,
    address,
    readChunks: (ids, call) => readChunks(chunks, ids, call, id),
    writeChunks: (source, call) => writeChunks(chunks, source, call, { source: id, stallMs }),
    hasChunks: async (ids, call) => {
      const held: boolean[] = [];
      for (let start = 0; start < ids.length; start += MAX_REQUEST_IDS) {
        const chunkIds = ids.slice(start, start + MAX_REQUEST_IDS).map(encodeChunkId);
        const response = await callSmall(chunks.hasChunks.bind(chunks), { chunkIds }, call, id);
        held.push(...chunkIds.map((_, bit) => (((response.heldBitmap[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1));
      }
      return held;
    },
    readUsage: async (call) => {
      const usage = await callSmall(chunks.readUsage.bind(chunks), {}, call, id);
      return {
        chunkCount: Number(usage.chunkCount),
        storedBytes: Number(usage.storedBytes),
        freeBytes: usage.freeBytes === undefined ? null : Number(usage.freeBytes),
      };
    },
    readManifest: async (key, call) => {
      try {
        const request = encodeManifestKey(key);
        const response = await callSmall(manifests.readManifest.bind(manifests), request, call, id);
        return decodeSignedManifest(response.manifest, id);
      } catch (error) {
        if (error instanceof SciclomaticError && error.code === 'NOT_FOUND') return undefined;
        throw error;
      }
    },
    writeManifest: async (signed, call) => {
      const request = { manifest: encodeSignedManifest(signed) };
      return (await callWithin(stallMs)(manifests.writeManifest.bind(manifests), request, call, id)).created;
    },
    listManifests: async function* (after, call) {
      const method = manifests.listManifests.bind(manifests);
      const request = { afterSequence: BigInt(after.sequence), epoch: after.epoch };
      for await (const { sequence, manifest, epoch } of callServerStream(method, request, call, id)) {
        yield { position: decodePosition(epoch, sequence, id), signed: decodeSignedManifest(manifest, id) };
      }
    },
    close: () => {
      chunks.close();
      manifests.close();
    },
  };
}

/** The limit is let go of with the answer: a call may live as long as the process. */
const callWithin =
  (timeoutMs: number): typeof callUnary =>
  async (method, request, call, source) => {
    const limited = limitCall(call, timeoutMs);
    try {
      return await callUnary(method, request, limited, source);
    } finally {
      endCall(limited);
    }
  };
const callSmall = callWithin(SMALL_CALL_MS);

/** Longest epoch (proto), in UTF-16 code units. */
const MAX_EPOCH_LENGTH = 64;

function decodePosition(epoch: string, sequence: bigint, source: string): ListPosition {
  const position = { epoch, sequence: Number(sequence) };
  if (epoch.length <= MAX_EPOCH_LENGTH && Number.isSafeInteger(position.sequence)) return position;
  throw new SciclomaticError('SOURCE_INVALID_ANSWER', `No place in a list: ${sequence} of ${epoch.slice(0, 80)}`, {
    source,
  });
}

function encodeManifestKey(key: ManifestKey): ReadManifestRequest {
  return 'hash' in key
    ? { key: { $case: 'manifestHash', value: Buffer.from(key.hash, 'hex') } }
    : { key: { $case: 'datasetId', value: key.datasetId } };
}

async function* readChunks(
  client: ChunkServiceClient,
  ids: readonly ChunkId[],
  call: Call,
  source: string,
): AsyncGenerator<Chunk> {
  const { path, requestSerialize, responseDeserialize } = chunkServiceDefinition.readChunks;
  const method = (request: ReadChunksRequest, ...rest: [ReturnType<typeof createMetadata>, object]) =>
    client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, ...rest);
  for (let start = 0; start < ids.length; start += MAX_REQUEST_IDS) {
    const page = ids.slice(start, start + MAX_REQUEST_IDS);
    const assembler = createChunkAssembler(source);
    let given = 0;
    const request = { chunkIds: page.map(encodeChunkId) };
    for await (const { chunkIndex, chunkSizeBytes, bytes } of callServerStream(method, request, call, source)) {
      const id = page[given];
      if (id === undefined || chunkIndex !== given) {
        throw new SciclomaticError('SOURCE_INVALID_ANSWER', `Chunk ${chunkIndex} came instead of ${given}`, { source });
      }
      const chunk = assembler.push(id, chunkSizeBytes, bytes);
      if (chunk === undefined) continue;
      given += 1;
      yield { id, bytes: chunk };
    }
    assembler.end();
    if (given < page.length) {
      throw new SciclomaticError('SOURCE_INVALID_ANSWER', `${given} of ${page.length} chunks came`, { source });
    }
  }
}

async function writeChunks(
  client: ChunkServiceClient,
  chunks: AsyncIterable<Chunk> | Iterable<Chunk>,
  call: Call,
  { source, stallMs }: { readonly source: string; readonly stallMs: number },
): Promise<ChunksWritten> {
  const { path, requestSerialize, responseDeserialize } = chunkServiceDefinition.writeChunks;
  let resolveAnswer: (written: ChunksWritten) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const answered = new Promise<ChunksWritten>((resolve, reject) => {
    resolveAnswer = resolve;
    fail = reject;
  });
  let refused: { readonly error: unknown } | undefined;
  answered.catch((error: unknown) => {
    refused = { error };
  });
  const stream = client.makeClientStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    createMetadata(call),
    createCallOptions(call),
    (error, response) => {
      if (error)
        fail(
          call.signal.aborted ? SciclomaticError.from(call.signal.reason, 'CANCELLED') : fromGrpcError(error, source),
        );
      else
        resolveAnswer({
          chunkCount: Number(response?.chunkCount ?? 0),
          newChunkCount: Number(response?.newChunkCount ?? 0),
        });
    },
  );
  const cancel = () => stream.cancel();
  call.signal.addEventListener('abort', cancel, { once: true });
  if (call.signal.aborted) cancel();
  /** Only waiting for the peer counts: the chunks may come as slowly as they like. */
  const within = async <Result>(waited: Promise<Result>): Promise<Result> => {
    const stall = () =>
      fail(new SciclomaticError('SOURCE_UNAVAILABLE', `Peer ${source} took nothing for ${stallMs} ms`, { source }));
    const timer = setTimeout(stall, stallMs);
    try {
      return await waited;
    } finally {
      clearTimeout(timer);
    }
  };
  const send = async (): Promise<void> => {
    for await (const { id, bytes } of chunks) {
      const chunkId = encodeChunkId(id);
      for (const frame of splitIntoFrames(bytes)) {
        // The server may refuse before everything is sent; then nobody drains the stream any more.
        if (refused) throw refused.error;
        if (!stream.write({ chunkId, chunkSizeBytes: bytes.length, bytes: frame })) {
          await within(Promise.race([new Promise<void>((resolve) => stream.once('drain', resolve)), answered]));
        }
      }
    }
    stream.end();
  };
  try {
    await Promise.race([send(), answered]);
    return await within(answered);
  } catch (error) {
    stream.cancel();
    throw error;
  } finally {
    call.signal.removeEventListener('abort', cancel);
  }
}
