import { ed25519 } from '@noble/curves/ed25519.js';
import { blake3 } from '@noble/hashes/blake3.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type FormatCrypto, PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from './crypto.js';

/** For browsers, and the second implementation that tests hold the native one against. About 50 times slower than Node's. */
export const nobleCrypto: FormatCrypto = {
  sha256: (bytes) => sha256(bytes),
  createSha256: () => {
    const hash = sha256.create();
    return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
  },
  blake3: (bytes) => blake3(bytes),
  verifyEd25519: (publicKey, message, signature) => {
    if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
    try {
      // RFC 8032, as OpenSSL does it; the looser ZIP 215 rules are noble's default.
      return ed25519.verify(signature, message, publicKey, { zip215: false });
    } catch {
      return false;
    }
  },
};
