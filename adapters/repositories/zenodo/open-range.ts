import { assertActive, type Call } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import type { SourceClient } from '../fetch-source.js';
import { MAX_PIECE_BYTES } from '../file-range.js';

export interface FileAddress {
  readonly url: string;
  /** First byte, and the byte after the last one. */
  readonly start: number;
  readonly end: number;
  readonly sizeBytes: number;
  readonly source: string;
  readonly client: SourceClient;
}

/**
 * The bytes of a file from start to end, in pieces of at most 1 MiB. A source that ignores `Range` and sends the whole
 * file is cut here. Resolves when the source has begun to answer.
 * @throws as SourceClient; SOURCE_INVALID_ANSWER when another range or a file of another size comes; SOURCE_UNAVAILABLE when the body is too short
 */
export async function openRange(address: FileAddress, call: Call): Promise<AsyncIterable<Uint8Array>> {
  const { url, start, end, sizeBytes, source, client } = address;
  assertActive(call);
  if (start === end) return nothing();
  const isWhole = start === 0 && end === sizeBytes;
  const headers = { 'accept-encoding': 'identity', ...(isWhole ? {} : { range: `bytes=${start}-${end - 1}` }) };
  const answer = await client.openBody({ url, headers }, call);
  if (answer.status !== 206) {
    const length = answer.headers.get('content-length');
    if (length !== null && Number(length) !== sizeBytes) {
      throw new SciclomaticError('SOURCE_INVALID_ANSWER', `${url} has ${length} bytes, its record says ${sizeBytes}`, {
        source,
      });
    }
    return cut(answer.bytes, start, end, address);
  }
  const first = /^bytes (\d+)-/.exec(answer.headers.get('content-range') ?? '')?.[1];
  if (first === undefined || Number(first) !== start) {
    throw new SciclomaticError('SOURCE_INVALID_ANSWER', `${url} answered another range than asked for`, { source });
  }
  return cut(answer.bytes, 0, end - start, address);
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** Bytes start to end of a stream; leaving early closes the connection. */
async function* cut(
  bytes: AsyncIterable<Uint8Array>,
  start: number,
  end: number,
  { url, source }: FileAddress,
): AsyncGenerator<Uint8Array> {
  let position = 0;
  for await (const piece of bytes) {
    const from = Math.max(0, start - position);
    const to = Math.min(piece.byteLength, end - position);
    for (let at = from; at < to; at += MAX_PIECE_BYTES) yield piece.subarray(at, Math.min(to, at + MAX_PIECE_BYTES));
    position += piece.byteLength;
    if (position >= end) return;
  }
  throw new SciclomaticError('SOURCE_UNAVAILABLE', `${url} ended after ${position} bytes, ${end} were promised`, {
    source,
  });
}
