import { createHmac, timingSafeEqual } from 'node:crypto';
import { SciclomaticError } from '../../core/errors.js';

/** Links that carry their own permission: whoever has one may do the one thing that it names, until it ends. */
export interface LinkSigner {
  /**
   * The query of a link: `expires=…&signature=…`.
   * @param purpose what may be done, e.g. `GET file`, and to what: all of it is signed
   */
  sign(purpose: readonly string[], expiresAtMs: number): string;
  /** @throws UNAUTHENTICATED when the link is altered, made for something else, or over */
  verify(purpose: readonly string[], query: URLSearchParams): void;
}

/** Shortest key, in bytes: as long as the hash. */
const MIN_KEY_BYTES = 32;

/** @param key secret of at least 32 bytes; whoever replaces it ends all links */
export function createLinkSigner(key: Uint8Array, now: () => number): LinkSigner {
  if (key.length < MIN_KEY_BYTES) {
    throw new SciclomaticError('CONFIG_INVALID', `The link key has ${key.length} bytes; it needs ${MIN_KEY_BYTES}`);
  }
  // JSON keeps the parts apart: no two purposes give the same text.
  const signatureOf = (purpose: readonly string[], expires: string): Buffer =>
    createHmac('sha256', key)
      .update(JSON.stringify([...purpose, expires]))
      .digest();
  return {
    sign: (purpose, expiresAtMs) => {
      const expires = String(Math.ceil(expiresAtMs));
      return `expires=${expires}&signature=${signatureOf(purpose, expires).toString('base64url')}`;
    },
    verify: (purpose, query) => {
      const expires = query.get('expires') ?? '';
      const given = Buffer.from(query.get('signature') ?? '', 'base64url');
      const expected = signatureOf(purpose, expires);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
        throw new SciclomaticError('UNAUTHENTICATED', 'This link is not signed by this server, or was altered');
      }
      if (Number(expires) <= now()) {
        throw new SciclomaticError('UNAUTHENTICATED', 'This link has expired; ask for a fresh one');
      }
    },
  };
}
