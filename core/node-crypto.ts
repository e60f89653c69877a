import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
  verify,
} from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from './durable-file.js';
import { SciclomaticError } from './errors.js';
import { hashBlake3, hashSha256 } from './node-hashes.js';

/** An Ed25519 key pair whose private half never leaves this object. Fits `Signer` of formats/crypto.ts. */
export interface SigningKey {
  /** Raw public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** First 8 bytes of SHA-256 of the public key, as 16 hex digits. */
  readonly keyId: string;
  /** Ed25519 signature (RFC 8032), 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/** DER of a SubjectPublicKeyInfo for Ed25519 up to the 32 key bytes (RFC 8410 section 4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PUBLIC_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** Parsed keys kept, least recently used dropped; parsing costs about as much as a third of a verification. */
const KEY_CACHE_SIZE = 1024;

const keyCache = new Map<string, KeyObject>();

/** Node's own hashes and Ed25519, in the shape of `FormatCrypto` (formats/crypto.ts). */
export const nodeCrypto = {
  sha256: hashSha256,
  createSha256: () => {
    const hash = createHash('sha256');
    return { update: (bytes: Uint8Array): void => void hash.update(bytes), digest: (): Uint8Array => hash.digest() };
  },
  blake3: hashBlake3,
  verifyEd25519,
};

/** False, never a throw, for a key or signature of a wrong length or form, and for a key by which anybody can sign. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES || isWeakKey(publicKey))
    return false;
  try {
    return verify(null, message, readPublicKey(publicKey), signature);
  } catch {
    return false;
  }
}

/** y-coordinates of the points of order 1, 2, 4 and 8, as a key writes them without the sign of x. */
const SMALL_ORDER_KEYS: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/**
 * OpenSSL takes keys of small order, under which one signature is good for many messages or all, and second spellings of
 * y (2^255 - 19 and above, RFC 8032 section 5.1.3); strict verifiers, such as the one for browsers, refuse both.
 */
function isWeakKey(publicKey: Uint8Array): boolean {
  const y = Buffer.from(publicKey);
  const highest = (y[PUBLIC_KEY_BYTES - 1] ?? 0) & 0x7f;
  y[PUBLIC_KEY_BYTES - 1] = highest;
  if (SMALL_ORDER_KEYS.has(y.toString('hex'))) return true;
  return highest === 0x7f && y.subarray(1, -1).every((byte) => byte === 0xff) && (y[0] ?? 0) >= 0xed;
}

function readPublicKey(publicKey: Uint8Array): KeyObject {
  const name = Buffer.from(publicKey).toString('latin1');
  const cached = keyCache.get(name);
  const key = cached ?? createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  keyCache.delete(name);
  keyCache.set(name, key);
  const oldest = keyCache.keys().next();
  if (keyCache.size > KEY_CACHE_SIZE && !oldest.done) keyCache.delete(oldest.value);
  return key;
}

/** A new random key, in memory only. */
export function createSigningKey(): SigningKey {
  return createKeyFrom(generateKeyPairSync('ed25519').privateKey);
}

/**
 * The key in a PKCS#8 PEM file; made at the first call, readable by its owner only (mode 0600). Two processes that start
 * at once get the same key: the file appears under its name complete, and an existing one is never replaced.
 * @throws DATA_CORRUPT when the file holds no Ed25519 private key
 */
export async function readOrCreateSigningKey(file: string): Promise<SigningKey> {
  const existing = await readSigningKey(file);
  if (existing !== undefined) return existing;
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      const { privateKey } = generateKeyPairSync('ed25519');
      await handle.writeFile(privateKey.export({ format: 'pem', type: 'pkcs8' }));
      await handle.sync();
    } finally {
      await handle.close();
    }
    // A link, not a rename: it fails when another process was faster, instead of replacing that process's key.
    await link(temporary, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(file));
  const created = await readSigningKey(file);
  if (created === undefined) throw new SciclomaticError('DATA_CORRUPT', `Key file ${file} vanished while it was made`);
  return created;
}

async function readSigningKey(file: string): Promise<SigningKey | undefined> {
  let pem: string;
  try {
    pem = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw SciclomaticError.from(error);
  }
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== 'ed25519') throw new Error(`it is ${key.asymmetricKeyType ?? 'of an unknown type'}`);
    return createKeyFrom(key);
  } catch (error) {
    throw new SciclomaticError('DATA_CORRUPT', `Key file ${file} holds no Ed25519 private key`, { cause: error });
  }
}

function createKeyFrom(privateKey: KeyObject): SigningKey {
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const publicKey = Uint8Array.from(der.subarray(SPKI_PREFIX.length));
  return {
    publicKey,
    keyId: Buffer.from(hashSha256(publicKey)).toString('hex', 0, 8),
    sign: (message) => sign(null, message, privateKey),
  };
}
