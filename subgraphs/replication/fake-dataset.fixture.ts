import { createSigningKey, nodeCrypto } from '../../core/node-crypto.js';
import { hexBlake3, hexSha256 } from '../../core/node-hashes.js';
import { decodeHex } from '../../formats/bytes.js';
import { MANIFEST_FORMAT } from '../../formats/manifest.js';
import { signManifest } from '../../formats/signed-manifest.js';
import { encodeSignedRecord } from '../../formats/signed-record.js';
import type { SignedManifest } from '../../proto/gen/sciclomatic/storage/v1/manifest.js';

/** A small signed dataset for tests: one file of one chunk for each chunk. */
export interface FakeDataset {
  readonly id: string;
  readonly chunks: readonly Uint8Array[];
  readonly signed: SignedManifest;
}

const signer = createSigningKey();

/** @param datasetId undefined = submitted to the swarm: its id follows from its manifest */
export function createFakeDataset(
  name: string,
  chunkCount: number,
  options: { readonly datasetId?: string; readonly createdAt?: string } = {},
): FakeDataset {
  const chunks = Array.from({ length: chunkCount }, (_, index) => Buffer.from(`${name}, chunk ${index}`));
  const signed = signManifest(
    {
      format: MANIFEST_FORMAT,
      datasetId: options.datasetId ?? null,
      metadata: { title: name, creators: [], subjects: [] },
      files: chunks.map((bytes, index) => ({
        path: `chunk-${String(index).padStart(6, '0')}.txt`,
        sizeBytes: bytes.length,
        checksums: [{ algorithm: 'sha256', value: hexSha256(bytes), origin: 'SWARM' }],
        chunkIds: [hexBlake3(bytes)],
      })),
      createdAt: options.createdAt ?? '2026-01-01T00:00:00.000Z',
    },
    [signer],
    nodeCrypto,
  );
  return {
    id: signed.datasetId,
    chunks,
    signed: { manifestHash: decodeHex(signed.hash), signedRecordJson: encodeSignedRecord(signed.record) },
  };
}
