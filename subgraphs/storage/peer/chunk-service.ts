import type { handleClientStreamingCall, handleServerStreamingCall, ServerWritableStream } from '@grpc/grpc-js';
import { type ChunkStore, MAX_CHUNK_BYTES } from '../../../adapters/chunks/contract.js';
import {
  createChunkAssembler,
  decodeChunkId,
  MAX_REQUEST_IDS,
  splitIntoFrames,
} from '../../../adapters/swarm/chunk-frames.js';
import { assertActive, type Call } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import { toGrpcError } from '../../../core/grpc-errors.js';
import { createIncomingCall, unaryHandler } from '../../../core/grpc-server.js';
import type { ChunkId } from '../../../core/ids.js';
import type { Logger } from '../../../core/log.js';
import type {
  ChunkServiceServer,
  ReadChunksRequest,
  ReadChunksResponse,
  WriteChunksRequest,
  WriteChunksResponse,
} from '../../../proto/gen/sciclomatic/storage/v1/chunk.js';
import type { ByteBudget } from './byte-budget.js';
import { transferredBytes } from './metrics.js';

export interface ChunkServiceOptions {
  readonly chunks: ChunkStore;
  /** Shared by all streams of the peer. */
  readonly budget: ByteBudget;
  readonly log: Logger;
  /** A receiver that takes nothing for this long is cut off, in milliseconds: it holds memory that others wait for. */
  readonly stallMs?: number;
}

/** Chunks of one stream that are being written at once; they share the syncs of the store. */
const CONCURRENT_WRITES = 8;
const DEFAULT_STALL_MS = 60_000;

/** Serves a chunk store as ChunkService. */
export function createChunkService(options: ChunkServiceOptions): ChunkServiceServer {
  const { chunks, log } = options;
  return {
    readChunks: createReadHandler(options),
    writeChunks: createWriteHandler(options),
    hasChunks: unaryHandler(log, async ({ chunkIds }, call) => {
      const held = await chunks.has(parseIds(chunkIds), call);
      const heldBitmap = Buffer.alloc(Math.ceil(held.length / 8));
      held.forEach((isHeld, bit) => {
        if (isHeld) heldBitmap[bit >> 3] = (heldBitmap[bit >> 3] ?? 0) | (1 << (bit & 7));
      });
      return { heldBitmap };
    }),
    readUsage: unaryHandler(log, async () => {
      const { chunkCount, storedBytes, freeBytes } = await chunks.readUsage();
      return {
        chunkCount: BigInt(chunkCount),
        storedBytes: BigInt(storedBytes),
        ...(freeBytes === null ? {} : { freeBytes: BigInt(freeBytes) }),
      };
    }),
  };
}

function parseIds(chunkIds: readonly Uint8Array[]): ChunkId[] {
  if (chunkIds.length > MAX_REQUEST_IDS) {
    throw new SciclomaticError('LIMIT_EXCEEDED', `${chunkIds.length} chunk ids; the maximum is ${MAX_REQUEST_IDS}`);
  }
  return chunkIds.map(decodeChunkId);
}

/** The caller of a fault of ours is told that the log has the cause. */
function refuse(error: unknown, call: Call): ReturnType<typeof toGrpcError> {
  if (SciclomaticError.from(error).code === 'INTERNAL') call.log.error({ error }, 'Chunks could not be moved');
  return toGrpcError(error);
}

function createReadHandler(
  options: ChunkServiceOptions,
): handleServerStreamingCall<ReadChunksRequest, ReadChunksResponse> {
  return (outgoing) => {
    const call = createIncomingCall(outgoing, options.log);
    sendChunks(options, outgoing, call).then(
      () => outgoing.end(),
      (error: unknown) => outgoing.emit('error', refuse(error, call)),
    );
  };
}

/** While one chunk is sent the next one is read from disk: at most two chunks of a stream are in memory. */
async function sendChunks(
  options: ChunkServiceOptions,
  outgoing: ServerWritableStream<ReadChunksRequest, ReadChunksResponse>,
  call: Call,
): Promise<void> {
  const ids = parseIds(outgoing.request.chunkIds);
  const { budget, chunks } = options;
  const load = async (id: ChunkId): Promise<Uint8Array> => {
    await budget.acquire(MAX_CHUNK_BYTES, call.signal);
    try {
      return await chunks.read(id, call);
    } catch (error) {
      budget.release(MAX_CHUNK_BYTES);
      throw error;
    }
  };
  let sending: Promise<void> = Promise.resolve();
  for (const [chunkIndex, id] of ids.entries()) {
    const [loaded, sent] = await Promise.allSettled([load(id), sending]);
    if (loaded.status === 'rejected' || sent.status === 'rejected') {
      if (loaded.status === 'fulfilled') budget.release(MAX_CHUNK_BYTES);
      throw SciclomaticError.from(sent.status === 'rejected' ? sent.reason : (loaded as PromiseRejectedResult).reason);
    }
    transferredBytes.inc({ direction: 'OUT' }, loaded.value.length);
    sending = sendChunk(outgoing, chunkIndex, loaded.value, call, options.stallMs ?? DEFAULT_STALL_MS).finally(() =>
      budget.release(MAX_CHUNK_BYTES),
    );
  }
  await sending;
}

/** Resolves when the last frame left this process's queue, so that what the budget counts is what is in memory. */
async function sendChunk(
  outgoing: ServerWritableStream<ReadChunksRequest, ReadChunksResponse>,
  chunkIndex: number,
  bytes: Uint8Array,
  call: Call,
  stallMs: number,
): Promise<void> {
  assertActive(call);
  await new Promise<void>((resolve, reject) => {
    const finish = (error?: unknown) => {
      clearTimeout(timer);
      call.signal.removeEventListener('abort', onAbort);
      if (error === undefined) resolve();
      else reject(SciclomaticError.from(error, 'CANCELLED'));
    };
    const onAbort = () => finish(call.signal.reason);
    const timer = setTimeout(
      () => finish(new SciclomaticError('DEADLINE_EXCEEDED', `The receiver took nothing for ${stallMs} ms`)),
      stallMs,
    );
    call.signal.addEventListener('abort', onAbort, { once: true });
    const frames = [...splitIntoFrames(bytes)];
    for (const [position, frame] of frames.entries()) {
      const message = { chunkIndex, chunkSizeBytes: bytes.length, bytes: frame };
      if (position < frames.length - 1) outgoing.write(message);
      else outgoing.write(message, (error: Error | null | undefined) => finish(error ?? undefined));
    }
  });
}

function createWriteHandler(
  options: ChunkServiceOptions,
): handleClientStreamingCall<WriteChunksRequest, WriteChunksResponse> {
  return (incoming, callback) => {
    const call = createIncomingCall(incoming, options.log);
    receiveChunks(options, incoming, call).then(
      (response) => callback(null, response),
      (error: unknown) => callback(refuse(error, call)),
    );
  };
}

/** Answers only when every chunk is on disk. The first failure ends the stream; chunks before it stay, as any chunk may. */
async function receiveChunks(
  { chunks, budget }: ChunkServiceOptions,
  frames: AsyncIterable<WriteChunksRequest>,
  call: Call,
): Promise<WriteChunksResponse> {
  const assembler = createChunkAssembler('caller');
  const writing = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  let chunkCount = 0n;
  let newChunkCount = 0n;
  const store = async (id: ChunkId, bytes: Uint8Array): Promise<void> => {
    try {
      if (await chunks.write(id, bytes, call)) newChunkCount += 1n;
      chunkCount += 1n;
      transferredBytes.inc({ direction: 'IN' }, bytes.length);
    } catch (error) {
      failure ??= { error };
    } finally {
      budget.release(MAX_CHUNK_BYTES);
    }
  };
  try {
    for await (const { chunkId, chunkSizeBytes, bytes } of frames) {
      if (failure) break;
      const id = decodeChunkId(chunkId);
      const chunk = assembler.push(id, chunkSizeBytes, bytes);
      if (chunk === undefined) continue;
      await budget.acquire(MAX_CHUNK_BYTES, call.signal);
      const stored: Promise<void> = store(id, chunk).finally(() => writing.delete(stored));
      writing.add(stored);
      if (writing.size >= CONCURRENT_WRITES) await Promise.race(writing);
    }
  } finally {
    // Also when the stream fails: nothing goes on behind the answer.
    await Promise.all(writing);
  }
  if (failure) throw SciclomaticError.from(failure.error);
  assembler.end();
  return { chunkCount, newChunkCount };
}
