import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { decodeCursor, encodeCursor } from '../../../core/cursor.js';
import { SciclomaticError } from '../../../core/errors.js';
import { hashSha256 } from '../../../core/node-hashes.js';

/** Longest cursor that a batch may carry, in bytes (DatasetBatch). */
const MAX_CURSOR_BYTES = 64 * 1024;
/** No cursor of ours unpacks to more; guards against a forged one. */
const MAX_UNPACKED_BYTES = 4 * 1024 * 1024;
/** Characters of the digest kept for each file: a change goes unseen once in 2^48 changes. */
const DIGEST_CHARACTERS = 8;

const POSITION = /^(?:[^\n\t]+\t[\w-]{8}(?:\n|$))*$/;

/**
 * Which files a reader of the listing has been told about: local id → digest of its bytes then. This is all that the
 * cursor holds, so that resuming within a listing and asking for what changed since are the same thing.
 */
export type ToldFiles = Map<string, string>;

export const digestFile = (bytes: Uint8Array): string =>
  Buffer.from(hashSha256(bytes)).toString('base64url').slice(0, DIGEST_CHARACTERS);

/** @throws LIMIT_EXCEEDED when there are too many files for a cursor of 64 KiB: about 3,000 */
export function encodeToldFiles(list: string, told: ToldFiles): string {
  const lines = [...told].sort(([left], [right]) => (left < right ? -1 : 1)).map((pair) => pair.join('\t'));
  const cursor = encodeCursor(list, deflateRawSync(lines.join('\n'), { level: 9 }).toString('base64url'));
  if (Buffer.byteLength(cursor) > MAX_CURSOR_BYTES) {
    throw new SciclomaticError('LIMIT_EXCEEDED', `${told.size} files are too many for a cursor of 64 KiB`);
  }
  return cursor;
}

/** @throws BAD_CURSOR */
export function decodeToldFiles(list: string, cursor: string): ToldFiles {
  const packed = decodeCursor(list, cursor);
  try {
    const text = inflateRawSync(Buffer.from(packed, 'base64url'), { maxOutputLength: MAX_UNPACKED_BYTES }).toString();
    if (POSITION.test(text)) {
      const lines = text === '' ? [] : text.split('\n');
      return new Map(lines.map((line) => line.split('\t') as [string, string]));
    }
  } catch {
    // Falls through to the error: what cannot be unpacked is not our cursor.
  }
  throw new SciclomaticError('BAD_CURSOR', 'This cursor was not issued by this list');
}
