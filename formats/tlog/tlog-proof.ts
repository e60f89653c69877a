import { SciclomaticError } from '../../core/errors.js';
import { decodeBase64, encodeBase64 } from '../bytes.js';
import { type FormatCrypto, HASH_BYTES } from '../crypto.js';
import { type Checkpoint, verifyCheckpoint } from './checkpoint.js';
import { verifyInclusion } from './proof.js';
import type { VerifierKey } from './signed-note.js';
import { leafHash } from './tree.js';

/** Everything needed to check offline that a log holds an entry (C2SP tlog-proof). */
export interface TlogProof {
  readonly index: number;
  /** Audit path, leaf to root. */
  readonly path: readonly Uint8Array[];
  /** The signed note, verbatim, with every signature on it. */
  readonly checkpoint: string;
  /** Opaque and NOT authenticated. */
  readonly extra?: Uint8Array;
}

const HEADER = 'c2sp.org/tlog-proof@v1';
/** A tree of 2^53 entries is 53 high. */
const MAX_PATH_LENGTH = 64;

/** The text to keep beside a dataset, by habit in a file that ends in `.tlog-proof`. */
export function formatTlogProof({ index, path, checkpoint, extra }: TlogProof): string {
  const head = [HEADER, ...(extra === undefined ? [] : [`extra ${encodeBase64(extra)}`]), `index ${index}`];
  return `${[...head, ...path.map(encodeBase64)].join('\n')}\n\n${checkpoint}`;
}

/** Reads a proof from outside; nothing of it is checked yet. @throws SOURCE_INVALID_ANSWER */
export function parseTlogProof(text: string): TlogProof {
  const refuse = (problem: string, cause?: unknown) =>
    new SciclomaticError('SOURCE_INVALID_ANSWER', `Not a tlog-proof: ${problem}`, { cause });
  const blank = text.indexOf('\n\n');
  if (blank < 0) throw refuse('no blank line before the checkpoint');
  const lines = text.slice(0, blank).split('\n');
  if (lines.shift() !== HEADER) throw refuse(`the first line is not ${HEADER}`);
  const extra = lines[0]?.startsWith('extra ') ? lines.shift()?.slice('extra '.length) : undefined;
  const index = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '')?.[1];
  if (index === undefined || !Number.isSafeInteger(Number(index))) throw refuse('no index');
  if (lines.length > MAX_PATH_LENGTH) throw refuse('the path is too long');
  try {
    const path = lines.map(decodeBase64);
    if (path.some((hash) => hash.length !== HASH_BYTES)) throw refuse('a hash is not 32 bytes');
    return {
      index: Number(index),
      path,
      checkpoint: text.slice(blank + 2),
      ...(extra === undefined ? {} : { extra: decodeBase64(extra) }),
    };
  } catch (error) {
    throw error instanceof SciclomaticError && error.code !== 'BAD_INPUT'
      ? error
      : refuse('a line is no base64', error);
  }
}

/**
 * Checks that the log of that key holds exactly these bytes at the proof's index, under a checkpoint that it signed.
 * @returns the checkpoint
 * @throws SIGNATURE_INVALID, PROOF_INVALID; SOURCE_INVALID_ANSWER when the checkpoint is none
 */
export function verifyTlogProof(
  proof: TlogProof,
  entry: Uint8Array,
  logKey: VerifierKey,
  crypto: FormatCrypto,
): Checkpoint {
  const checkpoint = verifyCheckpoint(proof.checkpoint, logKey, crypto);
  const { index, path } = proof;
  const { size, root } = checkpoint;
  verifyInclusion({ index, size, leafHash: leafHash(entry, crypto), path, root }, crypto);
  return checkpoint;
}
