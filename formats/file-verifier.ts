import { SciclomaticError } from '../core/errors.js';
import { concatBytes, encodeHex } from './bytes.js';
import type { FormatCrypto } from './crypto.js';
import { CHUNK_BYTES, type ManifestFile } from './manifest.js';

export interface FileVerifier {
  /** How many bytes from the file's start have been verified so far. */
  readonly verifiedBytes: number;
  /** Takes the next bytes, in pieces of any size. @throws CHECKSUM_MISMATCH at the first chunk that differs */
  push(bytes: Uint8Array): void;
  /** @throws CHECKSUM_MISMATCH when bytes are missing or the whole file's SHA-256 differs */
  end(): void;
}

export interface FileVerifierOptions {
  /**
   * Whether the whole file's SHA-256 is checked too. Every byte is proved by its chunk already; the SHA-256 shows in
   * addition that the manifest states a true one. It costs about eight times as much as the chunks do.
   */
  readonly checkSha256?: boolean;
}

/** Verifies a file's bytes as they come, holding back at most one chunk. Messages name the path and the chunk's index. */
export function createFileVerifier(
  file: ManifestFile,
  crypto: FormatCrypto,
  options: FileVerifierOptions = {},
): FileVerifier {
  const sha256 = options.checkSha256 === false ? undefined : crypto.createSha256();
  let verifiedBytes = 0;
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;

  const refuse = (problem: string) =>
    new SciclomaticError('CHECKSUM_MISMATCH', `${JSON.stringify(file.path)}: ${problem}`);
  const takeChunk = (chunk: Uint8Array) => {
    verifyChunk(file, verifiedBytes / CHUNK_BYTES, chunk, crypto);
    sha256?.update(chunk);
    verifiedBytes += chunk.length;
  };

  return {
    get verifiedBytes() {
      return verifiedBytes;
    },
    push(bytes) {
      if (verifiedBytes + pendingBytes + bytes.length > file.sizeBytes) {
        throw refuse(`more bytes came than the ${file.sizeBytes} of the manifest`);
      }
      for (let rest = bytes; rest.length > 0; ) {
        const chunkBytes = Math.min(CHUNK_BYTES, file.sizeBytes - verifiedBytes);
        const piece = rest.subarray(0, chunkBytes - pendingBytes);
        rest = rest.subarray(piece.length);
        if (pendingBytes + piece.length < chunkBytes) {
          // Copied, because the caller may use its buffer again.
          pending.push(piece.slice());
          pendingBytes += piece.length;
        } else {
          takeChunk(pendingBytes === 0 ? piece : concatBytes(...pending, piece));
          pending = [];
          pendingBytes = 0;
        }
      }
    },
    end() {
      if (verifiedBytes !== file.sizeBytes) {
        throw refuse(`ends after ${verifiedBytes + pendingBytes} of ${file.sizeBytes} bytes`);
      }
      if (sha256 === undefined) return;
      const actual = encodeHex(sha256.digest());
      const stated = file.checksums.find((one) => one.algorithm === 'sha256' && one.origin === 'SWARM')?.value;
      if (actual !== stated) throw refuse(`SHA-256 is ${actual}, the manifest states ${stated ?? 'none'}`);
    },
  };
}

/** @throws CHECKSUM_MISMATCH when the bytes are not that chunk of the file */
export function verifyChunk(
  file: Pick<ManifestFile, 'path' | 'chunkIds'>,
  chunkIndex: number,
  bytes: Uint8Array,
  crypto: Pick<FormatCrypto, 'blake3'>,
): void {
  const actual = encodeHex(crypto.blake3(bytes));
  const stated = file.chunkIds[chunkIndex];
  if (actual !== stated) {
    throw new SciclomaticError(
      'CHECKSUM_MISMATCH',
      `${JSON.stringify(file.path)}: chunk ${chunkIndex} hashes to ${actual}, the manifest states ${stated ?? 'no such chunk'}`,
    );
  }
}
