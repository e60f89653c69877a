import { SciclomaticError } from '../../core/errors.js';
import { decodeBase64, encodeBase64 } from '../bytes.js';
import { type FormatCrypto, HASH_BYTES, type Signer } from '../crypto.js';
import { signNote, type VerifierKey, verifyNote } from './signed-note.js';

/** What a log commits to: its size and its root (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** Name of the log, unique in the world; by habit its URL without scheme. */
  readonly origin: string;
  readonly size: number;
  /** RFC 6962 root of the first `size` entries, 32 bytes. */
  readonly root: Uint8Array;
  /** Lines after the third; we write none. */
  readonly extensions?: readonly string[];
}

/** The lines that are signed. @throws BAD_INPUT when a field cannot be written */
export function formatCheckpoint({ origin, size, root, extensions = [] }: Checkpoint): string {
  const lines = [origin, String(size), encodeBase64(root), ...extensions];
  const valid = Number.isSafeInteger(size) && size >= 0 && root.length === HASH_BYTES;
  if (!valid || lines.some((line) => line === '' || line.includes('\n'))) {
    throw new SciclomaticError('BAD_INPUT', `No checkpoint of ${JSON.stringify(origin)} at size ${size}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Reads the lines of a checkpoint, without signatures. @throws SOURCE_INVALID_ANSWER */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n');
  const [origin, size, root, ...extensions] = lines.slice(0, -1);
  try {
    if (lines.at(-1) !== '' || origin === undefined || size === undefined || root === undefined) {
      throw new Error('under three lines');
    }
    if (!/^(?:0|[1-9]\d{0,15})$/.test(size)) throw new Error('the size is no number');
    const checkpoint: Checkpoint = {
      origin,
      size: Number(size),
      root: decodeBase64(root),
      ...(extensions.length === 0 ? {} : { extensions }),
    };
    if (formatCheckpoint(checkpoint) !== text) throw new Error('not the one spelling');
    return checkpoint;
  } catch (error) {
    throw new SciclomaticError('SOURCE_INVALID_ANSWER', 'Not a checkpoint of a log', { cause: error });
  }
}

/** A checkpoint as a signed note; the key's name is the origin. @throws BAD_INPUT */
export const signCheckpoint = (checkpoint: Checkpoint, signer: Signer, crypto: Pick<FormatCrypto, 'sha256'>): string =>
  signNote(formatCheckpoint(checkpoint), checkpoint.origin, signer, crypto);

/**
 * The checkpoint, once the log's key has signed it and its origin is the key's name.
 * @throws SIGNATURE_INVALID; SOURCE_INVALID_ANSWER when it is no checkpoint
 */
export function verifyCheckpoint(note: string, logKey: VerifierKey, crypto: FormatCrypto): Checkpoint {
  const checkpoint = parseCheckpoint(verifyNote(note, [logKey], crypto).text);
  if (checkpoint.origin !== logKey.name) {
    throw new SciclomaticError(
      'SIGNATURE_INVALID',
      `The checkpoint is of ${JSON.stringify(checkpoint.origin)}, the key of ${JSON.stringify(logKey.name)}`,
    );
  }
  return checkpoint;
}
