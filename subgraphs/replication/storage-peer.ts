import { credentials } from '@grpc/grpc-js';
import type { DirectoryEntry } from '../../adapters/directory.js';
import { type Call, limitCall } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import { CHANNEL_OPTIONS, callServerStream, callUnary } from '../../core/grpc-client.js';
import { hashBlake3 } from '../../core/node-hashes.js';
import { AuditServiceClient, type ChallengeAnswer } from '../../proto/gen/sciclomatic/storage/v1/audit.js';
import { ChunkServiceClient } from '../../proto/gen/sciclomatic/storage/v1/chunk.js';
import {
  type ListManifestsResponse,
  ManifestServiceClient,
  type PullDatasetResponse,
} from '../../proto/gen/sciclomatic/storage/v1/manifest.js';

/** Ids in one HasChunks or ReadChunks request (proto). */
export const MAX_REQUEST_CHUNKS = 65_536;
/** Chunks in one Challenge request (proto). */
export const MAX_CHALLENGE_CHUNKS = 256;
/** Largest chunk, in bytes (proto). */
export const MAX_CHUNK_BYTES = 1024 * 1024;
/** Bytes of a chunk id, of a nonce and of a keyed hash. */
export const HASH_BYTES = 32;

/** Longest wait for a peer to answer which chunks it holds, in milliseconds: it only looks into an index. */
const HAS_TIMEOUT_MS = 10_000;
/** Longest wait for a challenge or for its bytes, in milliseconds: at most 256 MiB from disk. */
const CHALLENGE_TIMEOUT_MS = 60_000;
/** Longest listing of manifests, in milliseconds; the next one resumes where it ended. */
const LIST_TIMEOUT_MS = 60_000;

/** One peer, asked over gRPC. Every method throws SOURCE_UNAVAILABLE or DEADLINE_EXCEEDED when it does not answer. */
export interface StoragePeer {
  readonly id: string;
  readonly institutionId: string;
  /** host:port */
  readonly address: string;
  /** HEALTHY in the directory. */
  readonly healthy: boolean;
  /** One bit for each id, in order; ids that the answer leaves out are not held. */
  hasChunks(chunkIds: readonly Uint8Array[], call: Call): Promise<boolean[]>;
  /** Bytes that it may still write; null when it knows no limit. */
  readFreeBytes(call: Call): Promise<number | null>;
  /** One answer for each id, in order; undefined where the peer left it out. */
  challenge(
    nonce: Uint8Array,
    chunkIds: readonly Uint8Array[],
    call: Call,
  ): Promise<readonly (ChallengeAnswer | undefined)[]>;
  /**
   * Bytes of the chunks, in order, each verified by its id; ends early, without an error, at the first that the peer
   * refuses, damages or leaves out. Holds one chunk at a time in memory.
   */
  readChunks(chunkIds: readonly Uint8Array[], call: Call): AsyncIterable<Uint8Array>;
  /** What it kept since that sequence number, in order; everything when it counts in another epoch, '' = not known. */
  listManifests(afterSequence: number, epoch: string, call: Call): AsyncIterable<ListManifestsResponse>;
  /** Has it fetch the dataset from another peer; yields its progress. @throws what the peer says of the failure */
  pullDataset(manifestHash: Uint8Array, fromAddress: string, call: Call): AsyncIterable<PullDatasetResponse>;
}

/** The connections of one address, kept while the address is known. */
interface Channel {
  readonly chunks: ChunkServiceClient;
  readonly manifests: ManifestServiceClient;
  readonly audits: AuditServiceClient;
}

export interface StoragePeers {
  /** The peers of these entries; connections to addresses that are no longer named are closed. */
  connect(entries: readonly DirectoryEntry[]): StoragePeer[];
  close(): void;
}

/** Keeps one channel for each address. Connecting is lazy: a dead peer costs nothing until it is asked. */
export function createStoragePeers(): StoragePeers {
  const channels = new Map<string, Channel>();
  const closeExcept = (addresses: ReadonlySet<string>) => {
    for (const [address, channel] of channels) {
      if (addresses.has(address)) continue;
      for (const client of [channel.chunks, channel.manifests, channel.audits]) client.close();
      channels.delete(address);
    }
  };
  return {
    connect: (entries) => {
      closeExcept(new Set(entries.map(({ address }) => address)));
      return entries.map((entry) => {
        const channel = channels.get(entry.address) ?? openChannel(entry.address);
        channels.set(entry.address, channel);
        return createStoragePeer(entry, channel);
      });
    },
    close: () => closeExcept(new Set()),
  };
}

function openChannel(address: string): Channel {
  const insecure = credentials.createInsecure();
  return {
    chunks: new ChunkServiceClient(address, insecure, CHANNEL_OPTIONS),
    manifests: new ManifestServiceClient(address, insecure, CHANNEL_OPTIONS),
    audits: new AuditServiceClient(address, insecure, CHANNEL_OPTIONS),
  };
}

function createStoragePeer(entry: DirectoryEntry, channel: Channel): StoragePeer {
  const { id, address } = entry;
  return {
    id,
    institutionId: entry.institution.id,
    address,
    healthy: entry.state === 'HEALTHY',
    hasChunks: async (chunkIds, call) => {
      const held: boolean[] = [];
      // A dataset without bytes has no chunks to ask for; whether its keeper is there is still worth knowing.
      if (chunkIds.length === 0) {
        await callUnary(channel.chunks.readUsage.bind(channel.chunks), {}, limitCall(call, HAS_TIMEOUT_MS), id);
      }
      for (let from = 0; from < chunkIds.length; from += MAX_REQUEST_CHUNKS) {
        const request = { chunkIds: chunkIds.slice(from, from + MAX_REQUEST_CHUNKS) };
        const limited = limitCall(call, HAS_TIMEOUT_MS);
        const { heldBitmap } = await callUnary(channel.chunks.hasChunks.bind(channel.chunks), request, limited, id);
        for (let index = 0; index < request.chunkIds.length; index += 1) held.push(readBit(heldBitmap, index));
      }
      return held;
    },
    readFreeBytes: async (call) => {
      const { freeBytes } = await callUnary(
        channel.chunks.readUsage.bind(channel.chunks),
        {},
        limitCall(call, HAS_TIMEOUT_MS),
        id,
      );
      return freeBytes === undefined ? null : Number(freeBytes);
    },
    challenge: async (nonce, chunkIds, call) => {
      const limited = limitCall(call, CHALLENGE_TIMEOUT_MS);
      const request = { nonce, chunkIds: [...chunkIds] };
      const { answers } = await callUnary(channel.audits.challenge.bind(channel.audits), request, limited, id);
      return chunkIds.map((_, index) => answers[index]);
    },
    readChunks: (chunkIds, call) => readChunks(channel.chunks, id, chunkIds, limitCall(call, CHALLENGE_TIMEOUT_MS)),
    listManifests: (afterSequence, epoch, call) =>
      callServerStream(
        channel.manifests.listManifests.bind(channel.manifests),
        { afterSequence: BigInt(afterSequence), epoch },
        limitCall(call, LIST_TIMEOUT_MS),
        id,
      ),
    pullDataset: (manifestHash, fromAddress, call) =>
      callServerStream(channel.manifests.pullDataset.bind(channel.manifests), { manifestHash, fromAddress }, call, id),
  };
}

function readBit(bitmap: Uint8Array, index: number): boolean {
  return (((bitmap[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;
}

async function* readChunks(
  client: ChunkServiceClient,
  source: string,
  chunkIds: readonly Uint8Array[],
  call: Call,
): AsyncGenerator<Uint8Array> {
  let position = 0;
  let parts: Uint8Array[] = [];
  let receivedBytes = 0;
  try {
    const frames = callServerStream(client.readChunks.bind(client), { chunkIds: [...chunkIds] }, call, source);
    for await (const frame of frames) {
      receivedBytes += frame.bytes.length;
      const tooMuch = frame.chunkSizeBytes > MAX_CHUNK_BYTES || receivedBytes > frame.chunkSizeBytes;
      if (frame.chunkIndex !== position || tooMuch) return;
      parts.push(frame.bytes);
      if (receivedBytes < frame.chunkSizeBytes) continue;
      const bytes = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
      const expected = chunkIds[position];
      if (expected === undefined || Buffer.compare(hashBlake3(bytes), expected) !== 0) return;
      yield bytes;
      position += 1;
      parts = [];
      receivedBytes = 0;
    }
  } catch (error) {
    if (isSilence(error)) throw error;
    // It answers and refuses this chunk: the caller sees that it is the first one not given.
  }
}

/** True for errors that mean that nothing is known of the peer's bytes, as it did not answer. */
export function isSilence(error: unknown): boolean {
  const { code } = SciclomaticError.from(error);
  return !['NOT_FOUND', 'CHECKSUM_MISMATCH', 'DATA_CORRUPT', 'SOURCE_INVALID_ANSWER', 'INTERNAL'].includes(code);
}

/** Why nothing is known of a peer, in words for an operator. */
export function describeSilence(error: unknown): string {
  const { code, message } = SciclomaticError.from(error);
  switch (code) {
    case 'SOURCE_UNAVAILABLE':
      return 'it cannot be reached';
    case 'DEADLINE_EXCEEDED':
      return 'it did not answer in time';
    default:
      return `${code}: ${message}`;
  }
}
