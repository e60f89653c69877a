import { createHash } from 'node:crypto';
import { Blake3Hasher } from '@napi-rs/blake-hash';
import type { Chunk, PeerConnection } from '../../adapters/swarm/peer-connection.js';
import type { Call } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import type { ChunkId } from '../../core/ids.js';
import { hexBlake3 } from '../../core/node-hashes.js';
import { CHUNK_BYTES } from '../../formats/manifest.js';

/** What a file's bytes are, once all of them are in the swarm. */
export interface StoredFile {
  readonly sizeBytes: number;
  readonly chunkIds: readonly ChunkId[];
  /** Algorithm → lower-case hex; `sha256` always. */
  readonly digests: Readonly<Record<string, string>>;
}

/** Digests that can be computed on the way in. */
export const KNOWN_DIGESTS: readonly string[] = ['md5', 'sha1', 'sha256', 'sha512', 'blake3'];

export interface FileIntake {
  readonly sizeBytes: number;
  readonly chunkIds: readonly ChunkId[];
  /** Counts bytes that are in the swarm already, in order, from the file's start. */
  skip(chunk: Chunk): void;
  /** Cuts the next bytes into chunks; the last one comes when the bytes end. */
  cut(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Chunk>;
  /** After the last byte. */
  end(): StoredFile;
}

/**
 * Cuts a file into chunks and hashes it on the way.
 * @param algorithms digests wanted beside SHA-256; unknown ones are left out
 * @param maxBytes more than these are refused with REQUEST_TOO_LARGE as soon as they come
 */
export function createFileIntake(algorithms: readonly string[] = [], maxBytes = Number.MAX_SAFE_INTEGER): FileIntake {
  const names = new Set(['sha256', ...algorithms.filter((name) => KNOWN_DIGESTS.includes(name))]);
  const hashes = new Map([...names].map((name) => [name, createStreamingHash(name)]));
  const chunkIds: ChunkId[] = [];
  let sizeBytes = 0;
  const take = (chunk: Chunk): void => {
    for (const hash of hashes.values()) hash.update(chunk.bytes);
    chunkIds.push(chunk.id);
    sizeBytes += chunk.bytes.length;
  };
  return {
    get sizeBytes() {
      return sizeBytes;
    },
    chunkIds,
    skip: take,
    cut: async function* (pieces) {
      for await (const bytes of cutIntoChunks(pieces, maxBytes - sizeBytes, maxBytes)) {
        const chunk = { id: hexBlake3(bytes) as ChunkId, bytes };
        take(chunk);
        yield chunk;
      }
    },
    end: () => ({
      sizeBytes,
      chunkIds,
      digests: Object.fromEntries([...hashes].map(([name, hash]) => [name, hash.digest('hex')])),
    }),
  };
}

/** Streams a whole file to a peer; on that peer's disk when it resolves. */
export async function storeFile(
  peer: PeerConnection,
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
  call: Call,
): Promise<StoredFile> {
  const intake = createFileIntake([], maxBytes);
  await peer.writeChunks(intake.cut(bytes), call);
  return intake.end();
}

interface StreamingDigest {
  update(bytes: Uint8Array): unknown;
  digest(encoding: 'hex'): string;
}

const createStreamingHash = (name: string): StreamingDigest =>
  name === 'blake3' ? new Blake3Hasher() : createHash(name);

async function* cutIntoChunks(
  pieces: AsyncIterable<Uint8Array>,
  roomBytes: number,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let filled = 0;
  let room = roomBytes;
  for await (const piece of pieces) {
    room -= piece.length;
    if (room < 0) throw new SciclomaticError('REQUEST_TOO_LARGE', `More than the ${maxBytes} bytes announced came`);
    for (let start = 0; start < piece.length; ) {
      const part = piece.subarray(start, start + CHUNK_BYTES - filled);
      buffer.set(part, filled);
      filled += part.length;
      start += part.length;
      if (filled === CHUNK_BYTES) {
        yield buffer;
        // A new one, because the chunk may still wait to be sent.
        buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
        filled = 0;
      }
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}
