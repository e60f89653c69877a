import { z } from 'zod';
import { SciclomaticError } from '../core/errors.js';
import { concatBytes, decodeBase64, encodeBase64, encodeHex, encodeUtf8, equalBytes } from './bytes.js';
import { encodeCanonicalJson } from './canonical-json.js';
import { type FormatCrypto, PUBLIC_KEY_BYTES, SIGNATURE_BYTES, type Signer } from './crypto.js';
import { parseStrictJson } from './strict-json.js';

/**
 * Bytes with who signed them. What is signed is the pre-authentication encoding of DSSE 1.0.0
 * (secure-systems-lab/dsse: protocol.md), so the type of the payload is signed too and a signature over one kind of
 * record cannot be passed off as one over another.
 */
export interface SignedRecord {
  /** Media type of the payload, e.g. `application/vnd.sciclomatic.manifest+json`. */
  readonly payloadType: string;
  /** Base64 (RFC 4648 §4). */
  readonly payload: string;
  /** 1 to 64, each by another key. */
  readonly signatures: readonly RecordSignature[];
}

export interface RecordSignature {
  /** `createKeyId` of the public key: 16 hex digits. A hint to find the key, never proof of who signed. */
  readonly keyId: string;
  /** Base64 of the raw Ed25519 public key, so that a record can be checked before its signer is known. */
  readonly publicKey?: string | undefined;
  /** Base64 of the Ed25519 signature, 64 bytes. */
  readonly signature: string;
}

export interface VerifiedRecord {
  readonly payload: Uint8Array;
  /** Public keys whose signatures verified, in the record's order; at least one. */
  readonly signers: readonly Uint8Array[];
}

export interface RecordPolicy {
  /** The only payload type accepted. */
  readonly payloadType: string;
  /**
   * Keys of which at least one must have signed; or `EMBEDDED`: every signature is checked with the key that it carries,
   * which shows that nothing was altered since, not that the signer is somebody. The caller decides on `signers` then.
   */
  readonly trustedKeys: readonly Uint8Array[] | 'EMBEDDED';
}

export const MAX_SIGNATURES = 64;
/** Longest payload, in bytes: as base64 and with all its signatures a record is then under 64 MiB, as one message. */
export const MAX_PAYLOAD_BYTES = 47 * 1024 * 1024;

const base64 = (maximum: number) => z.string().max(maximum);
const signedRecordSchema = z.strictObject({
  payloadType: z.string().regex(/^[\x21-\x7e]{1,128}$/),
  payload: base64(Math.ceil(MAX_PAYLOAD_BYTES / 3) * 4),
  signatures: z
    .array(
      z.strictObject({
        keyId: z.string().regex(/^[0-9a-f]{16}$/),
        publicKey: base64(64).optional(),
        signature: base64(128),
      }),
    )
    .min(1)
    .max(MAX_SIGNATURES),
});

/** Short name of a key: the first 8 bytes of SHA-256 of the raw public key, as 16 hex digits. */
export const createKeyId = (publicKey: Uint8Array, crypto: Pick<FormatCrypto, 'sha256'>): string =>
  encodeHex(crypto.sha256(publicKey).subarray(0, 8));

/** What is signed: `DSSEv1 <length of type> <type> <length of payload> <payload>`, lengths in bytes, decimal. */
export function encodePreAuthentication(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = encodeUtf8(payloadType);
  return concatBytes(encodeUtf8(`DSSEv1 ${type.length} `), type, encodeUtf8(` ${payload.length} `), payload);
}

/** A record signed by every key, in order. @throws BAD_INPUT without a key, with two of the same, or over MAX_PAYLOAD_BYTES */
export function signRecord(payloadType: string, payload: Uint8Array, keys: readonly Signer[]): SignedRecord {
  const message = encodePreAuthentication(payloadType, payload);
  const record: SignedRecord = {
    payloadType,
    payload: encodeBase64(payload),
    signatures: keys.map((key) => ({
      keyId: key.keyId,
      publicKey: encodeBase64(key.publicKey),
      signature: encodeBase64(key.sign(message)),
    })),
  };
  return checkRecord(record, 'BAD_INPUT');
}

/** Canonical JSON bytes. */
export const encodeSignedRecord = (record: SignedRecord): Uint8Array => encodeCanonicalJson(record);

/**
 * Reads a record from outside; its signatures are not checked yet. White space and the order of members do not matter,
 * as they are not signed.
 * @throws SOURCE_INVALID_ANSWER
 */
export function parseSignedRecord(text: Uint8Array | string, source?: string): SignedRecord {
  let value: unknown;
  try {
    value = parseStrictJson(text);
  } catch (error) {
    throw invalidRecord('SOURCE_INVALID_ANSWER', SciclomaticError.from(error).message, source, error);
  }
  return checkRecord(value, 'SOURCE_INVALID_ANSWER', source);
}

/**
 * The payload, once the policy is satisfied. A signature that names a trusted key and does not verify fails the whole
 * record, although another one is good: somebody altered something. Signatures by keys that are not trusted are ignored.
 * @throws SIGNATURE_INVALID
 */
export function verifyRecord(record: SignedRecord, policy: RecordPolicy, crypto: FormatCrypto): VerifiedRecord {
  const refuse = (reason: string) => new SciclomaticError('SIGNATURE_INVALID', `Signed record: ${reason}`);
  if (record.payloadType !== policy.payloadType) {
    throw refuse(`payload type is ${JSON.stringify(record.payloadType)}, not ${JSON.stringify(policy.payloadType)}`);
  }
  const payload = decodeBase64(record.payload);
  const message = encodePreAuthentication(record.payloadType, payload);
  const signers: Uint8Array[] = [];
  for (const signature of record.signatures) {
    const candidates = selectKeys(signature, policy.trustedKeys, crypto);
    if (candidates.length === 0) {
      if (policy.trustedKeys === 'EMBEDDED') throw refuse(`signature ${signature.keyId} carries no key of that id`);
      continue;
    }
    const bytes = decodeBase64(signature.signature);
    const signer = candidates.find((key) => crypto.verifyEd25519(key, message, bytes));
    if (signer === undefined) throw refuse(`signature by key ${signature.keyId} does not verify`);
    signers.push(signer);
  }
  if (signers.length === 0) throw refuse('no signature by a trusted key');
  return { payload, signers };
}

function selectKeys(
  signature: RecordSignature,
  trusted: RecordPolicy['trustedKeys'],
  crypto: FormatCrypto,
): readonly Uint8Array[] {
  const keys =
    trusted !== 'EMBEDDED' ? trusted : signature.publicKey === undefined ? [] : [decodeBase64(signature.publicKey)];
  return keys.filter((key) => createKeyId(key, crypto) === signature.keyId);
}

type RefusalCode = 'BAD_INPUT' | 'SOURCE_INVALID_ANSWER';

/** Form, lengths and one signature a key. */
function checkRecord(value: unknown, code: RefusalCode, source?: string): SignedRecord {
  const parsed = signedRecordSchema.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'record'}: ${issue.message}`);
    throw invalidRecord(code, problems.join('; '), source);
  }
  const record = parsed.data;
  const seen = new Set<string>();
  try {
    decodeBase64(record.payload);
    for (const { keyId, publicKey, signature } of record.signatures) {
      if (decodeBase64(signature).length !== SIGNATURE_BYTES) throw new Error(`signature ${keyId}: not 64 bytes`);
      if (publicKey !== undefined && decodeBase64(publicKey).length !== PUBLIC_KEY_BYTES) {
        throw new Error(`signature ${keyId}: public key is not 32 bytes`);
      }
      if (seen.has(keyId)) throw new Error(`key ${keyId} signs twice`);
      seen.add(keyId);
    }
  } catch (error) {
    throw invalidRecord(code, error instanceof Error ? error.message : String(error), source, error);
  }
  return record;
}

function invalidRecord(code: RefusalCode, problem: string, source?: string, cause?: unknown): SciclomaticError {
  return new SciclomaticError(code, `Not a signed record: ${problem}`, {
    ...(source === undefined ? {} : { source }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** True when one of the signers is that key. */
export const isSignedBy = (verified: VerifiedRecord, publicKey: Uint8Array): boolean =>
  verified.signers.some((signer) => equalBytes(signer, publicKey));
