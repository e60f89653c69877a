import type { MethodDefinition } from '@grpc/grpc-js';
import {
  ChunkServiceService,
  type ReadChunksRequest,
  ReadChunksResponse,
  WriteChunksRequest,
  type WriteChunksResponse,
} from '../../proto/gen/sciclomatic/storage/v1/chunk.js';

/**
 * The two messages that carry bytes, written and read by hand: one copy into a buffer of the exact size on the way out,
 * none on the way in, where the generated code makes three and one. The wire format is the same (proto3), so either side
 * may use the generated code. What the hand-written reader does not expect, the generated one reads.
 */
const CHUNK_ID_TAG = 0x0a;
const CHUNK_INDEX_TAG = 0x08;
const CHUNK_SIZE_TAG = 0x10;
const BYTES_TAG = 0x1a;

export function encodeReadFrame(frame: ReadChunksResponse): Buffer {
  const buffer = Buffer.allocUnsafe(
    measureNumber(frame.chunkIndex) + measureNumber(frame.chunkSizeBytes) + measureBytes(frame.bytes),
  );
  let position = writeNumber(buffer, 0, CHUNK_INDEX_TAG, frame.chunkIndex);
  position = writeNumber(buffer, position, CHUNK_SIZE_TAG, frame.chunkSizeBytes);
  writeBytes(buffer, position, BYTES_TAG, frame.bytes);
  return buffer;
}

export function encodeWriteFrame(frame: WriteChunksRequest): Buffer {
  const buffer = Buffer.allocUnsafe(
    measureBytes(frame.chunkId) + measureNumber(frame.chunkSizeBytes) + measureBytes(frame.bytes),
  );
  let position = writeBytes(buffer, 0, CHUNK_ID_TAG, frame.chunkId);
  position = writeNumber(buffer, position, CHUNK_SIZE_TAG, frame.chunkSizeBytes);
  writeBytes(buffer, position, BYTES_TAG, frame.bytes);
  return buffer;
}

/** Its `bytes` are a view of the message. */
export function decodeReadFrame(message: Buffer): ReadChunksResponse {
  const cursor = { message, position: 0 };
  const chunkIndex = takeNumber(cursor, CHUNK_INDEX_TAG);
  const chunkSizeBytes = takeNumber(cursor, CHUNK_SIZE_TAG);
  const bytes = takeBytes(cursor, BYTES_TAG);
  return cursor.position === message.length
    ? { chunkIndex, chunkSizeBytes, bytes }
    : ReadChunksResponse.decode(message);
}

/** Its `chunkId` and `bytes` are views of the message. */
export function decodeWriteFrame(message: Buffer): WriteChunksRequest {
  const cursor = { message, position: 0 };
  const chunkId = takeBytes(cursor, CHUNK_ID_TAG);
  const chunkSizeBytes = takeNumber(cursor, CHUNK_SIZE_TAG);
  const bytes = takeBytes(cursor, BYTES_TAG);
  return cursor.position === message.length ? { chunkId, chunkSizeBytes, bytes } : WriteChunksRequest.decode(message);
}

const readChunks: MethodDefinition<ReadChunksRequest, ReadChunksResponse> = {
  ...ChunkServiceService.readChunks,
  responseSerialize: encodeReadFrame,
  responseDeserialize: decodeReadFrame,
};

const writeChunks: MethodDefinition<WriteChunksRequest, WriteChunksResponse> = {
  ...ChunkServiceService.writeChunks,
  requestSerialize: encodeWriteFrame,
  requestDeserialize: decodeWriteFrame,
};

/** ChunkService with the hand-written codec. */
export const chunkServiceDefinition = { ...ChunkServiceService, readChunks, writeChunks };

interface Cursor {
  readonly message: Buffer;
  position: number;
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) length += 1;
  return length;
}

const measureNumber = (value: number): number => (value === 0 ? 0 : 1 + varintLength(value));
const measureBytes = ({ length }: Uint8Array): number => (length === 0 ? 0 : 1 + varintLength(length) + length);

function writeVarint(buffer: Buffer, position: number, value: number): number {
  let next = position;
  let rest = value;
  while (rest > 0x7f) {
    buffer[next++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  buffer[next++] = rest;
  return next;
}

/** proto3: a number that is 0 is not written. */
function writeNumber(buffer: Buffer, position: number, tag: number, value: number): number {
  if (value === 0) return position;
  buffer[position] = tag;
  return writeVarint(buffer, position + 1, value);
}

function writeBytes(buffer: Buffer, position: number, tag: number, bytes: Uint8Array): number {
  if (bytes.length === 0) return position;
  buffer[position] = tag;
  const start = writeVarint(buffer, position + 1, bytes.length);
  buffer.set(bytes, start);
  return start + bytes.length;
}

/** The field's number; 0, without moving, when another field comes. A malformed one leaves the rest to the generated reader. */
function takeNumber(cursor: Cursor, tag: number): number {
  if (cursor.message[cursor.position] !== tag) return 0;
  let value = 0;
  let scale = 1;
  for (let position = cursor.position + 1; position < cursor.position + 6; position++) {
    const byte = cursor.message[position];
    if (byte === undefined) return 0;
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80) {
      cursor.position = position + 1;
      return value;
    }
  }
  return 0;
}

function takeBytes(cursor: Cursor, tag: number): Uint8Array {
  const before = cursor.position;
  const length = takeNumber(cursor, tag);
  const end = cursor.position + length;
  if (end > cursor.message.length) {
    cursor.position = before;
    return new Uint8Array();
  }
  const bytes = cursor.message.subarray(cursor.position, end);
  cursor.position = end;
  return bytes;
}
