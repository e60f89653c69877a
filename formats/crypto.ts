/**
 * The hash and signature functions that the formats need, passed in so that the same code runs in Node (core/node-crypto.ts,
 * native) and in a browser (formats/noble-crypto.ts). All are synchronous and pure.
 */
export interface FormatCrypto {
  /** 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array;
  /** SHA-256 of bytes that come in pieces. */
  createSha256(): StreamingHash;
  /** BLAKE3-256, 32 bytes. */
  blake3(bytes: Uint8Array): Uint8Array;
  /**
   * RFC 8032 Ed25519. False, never a throw, for keys and signatures of a wrong length or form, for a second spelling of
   * either, and for keys of small order, by which anybody can sign.
   */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

export interface StreamingHash {
  update(bytes: Uint8Array): void;
  /** The hash; call once, at the end. */
  digest(): Uint8Array;
}

/** Who signs: the public half, its short name, and the function that uses the private half. */
export interface Signer {
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** `createKeyId(publicKey)`. */
  readonly keyId: string;
  /** Ed25519 signature over the message, 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

export const HASH_BYTES = 32;
export const PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;
