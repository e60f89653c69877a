import type { DatasetId, ManifestHash } from '../core/ids.js';
import type { FormatCrypto, Signer } from './crypto.js';
import {
  encodeManifest,
  hashManifest,
  MANIFEST_PAYLOAD_TYPE,
  type Manifest,
  manifestDatasetId,
  parseManifest,
} from './manifest.js';
import { type RecordPolicy, type SignedRecord, signRecord, verifyRecord } from './signed-record.js';

export interface SignedManifest {
  readonly record: SignedRecord;
  readonly manifest: Manifest;
  readonly hash: ManifestHash;
  readonly datasetId: DatasetId;
  /** Public keys that signed, 32 raw bytes each. */
  readonly signers: readonly Uint8Array[];
}

/** The manifest as an institution admits it to the swarm. @throws BAD_INPUT, UNSAFE_PATH, MALFORMED_ID, LIMIT_EXCEEDED */
export function signManifest(manifest: Manifest, keys: readonly Signer[], crypto: FormatCrypto): SignedManifest {
  const bytes = encodeManifest(manifest);
  const hash = hashManifest(bytes, crypto);
  return {
    record: signRecord(MANIFEST_PAYLOAD_TYPE, bytes, keys),
    manifest,
    hash,
    datasetId: manifestDatasetId(manifest, hash),
    signers: keys.map((key) => key.publicKey),
  };
}

/** Signatures first, then the manifest itself. @throws SIGNATURE_INVALID, SOURCE_INVALID_ANSWER */
export function verifyManifest(
  record: SignedRecord,
  trustedKeys: RecordPolicy['trustedKeys'],
  crypto: FormatCrypto,
  source?: string,
): SignedManifest {
  const { payload, signers } = verifyRecord(record, { payloadType: MANIFEST_PAYLOAD_TYPE, trustedKeys }, crypto);
  const manifest = parseManifest(payload, source);
  const hash = hashManifest(payload, crypto);
  return { record, manifest, hash, datasetId: manifestDatasetId(manifest, hash), signers };
}
