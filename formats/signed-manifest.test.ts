import { describe, expect, it } from '@jest/globals';
import { createSigningKey, nodeCrypto } from '../core/node-crypto.js';
import { encodeUtf8 } from './bytes.js';
import { MANIFEST_PAYLOAD_TYPE, type Manifest } from './manifest.js';
import { signManifest, verifyManifest } from './signed-manifest.js';
import { encodeSignedRecord, parseSignedRecord, signRecord } from './signed-record.js';

const key = createSigningKey();
const manifest: Manifest = {
  format: 'sciclomatic-manifest/1',
  datasetId: null,
  metadata: { title: 'Empty', creators: [], subjects: [] },
  files: [],
  createdAt: '2026-01-31T12:00:00Z',
};

describe('signed manifest', () => {
  it('comes back with its hash, id and signer', () => {
    const signed = signManifest(manifest, [key], nodeCrypto);
    const record = parseSignedRecord(encodeSignedRecord(signed.record));
    expect(verifyManifest(record, [key.publicKey], nodeCrypto)).toEqual(signed);
    expect(signed.datasetId).toBe(`sc:${signed.hash}`);
  });

  it('is refused from another signer, and when the signed payload is no manifest', () => {
    const signed = signManifest(manifest, [key], nodeCrypto);
    expect(() => verifyManifest(signed.record, [createSigningKey().publicKey], nodeCrypto)).toThrow(
      expect.objectContaining({ code: 'SIGNATURE_INVALID' }),
    );
    const empty = signRecord(MANIFEST_PAYLOAD_TYPE, encodeUtf8('{}'), [key]);
    expect(() => verifyManifest(empty, 'EMBEDDED', nodeCrypto, 'peer-1')).toThrow(
      expect.objectContaining({ code: 'SOURCE_INVALID_ANSWER', source: 'peer-1' }),
    );
  });
});
