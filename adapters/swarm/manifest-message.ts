import { SciclomaticError } from '../../core/errors.js';
import { nodeCrypto } from '../../core/node-crypto.js';
import { type SignedManifest, verifyManifest } from '../../formats/signed-manifest.js';
import { encodeSignedRecord, parseSignedRecord } from '../../formats/signed-record.js';
import type { SignedManifest as SignedManifestMessage } from '../../proto/gen/sciclomatic/storage/v1/manifest.js';

/** A signed manifest as it crosses the wire. */
export function encodeSignedManifest(signed: Pick<SignedManifest, 'hash' | 'record'>): SignedManifestMessage {
  return {
    manifestHash: Buffer.from(signed.hash, 'hex'),
    signedRecordJson: Buffer.from(encodeSignedRecord(signed.record)),
  };
}

/**
 * A manifest from the wire, its signatures checked with the keys that they carry and its hash compared.
 * @throws SOURCE_INVALID_ANSWER, SIGNATURE_INVALID, CHECKSUM_MISMATCH
 */
export function decodeSignedManifest(message: SignedManifestMessage | undefined, source: string): SignedManifest {
  if (message === undefined) throw new SciclomaticError('SOURCE_INVALID_ANSWER', 'No manifest was sent', { source });
  const signed = verifyManifest(parseSignedRecord(message.signedRecordJson, source), 'EMBEDDED', nodeCrypto, source);
  const named = Buffer.from(message.manifestHash).toString('hex');
  if (named !== signed.hash) {
    throw new SciclomaticError('CHECKSUM_MISMATCH', `A manifest sent as ${named} hashes to ${signed.hash}`, { source });
  }
  return signed;
}
