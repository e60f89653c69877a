import { createHash } from 'node:crypto';
import { SciclomaticError } from '../core/errors.js';

/** Takes a file's bytes in order and throws CHECKSUM_MISMATCH when they are not what they should be. */
export interface BytesVerifier {
  push(bytes: Uint8Array): void;
  end(): void;
  /** Algorithm and who states it; absent when that is said elsewhere; undefined when nothing verifies. */
  readonly verifiedBy?: string | undefined;
}

/** Hashes that a source may state and Node computes, best first. */
const ALGORITHMS = ['sha512', 'sha256', 'sha1', 'md5'] as const;

/** Checks against the best of the checksums that are hashes; against nothing when there is none. */
export function createChecksumVerifier(
  path: string,
  checksums: readonly { readonly algorithm: string; readonly value: string }[],
): BytesVerifier {
  const algorithm = ALGORITHMS.find((one) => checksums.some((checksum) => checksum.algorithm === one));
  const stated = checksums.find((checksum) => checksum.algorithm === algorithm)?.value;
  if (algorithm === undefined || stated === undefined)
    return { push: () => undefined, end: () => undefined, verifiedBy: undefined };
  const hash = createHash(algorithm);
  return {
    verifiedBy: algorithm,
    push: (bytes) => void hash.update(bytes),
    end: () => {
      const actual = hash.digest('hex');
      if (actual !== stated)
        throw new SciclomaticError(
          'CHECKSUM_MISMATCH',
          `${path}: ${algorithm} is ${actual}, the source states ${stated}`,
        );
    },
  };
}
