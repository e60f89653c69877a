import type { ChunkId } from '../../core/ids.js';
import { createSigningKey, nodeCrypto, type SigningKey } from '../../core/node-crypto.js';
import { hexBlake3, hexSha256 } from '../../core/node-hashes.js';
import { CHUNK_BYTES, MANIFEST_FORMAT, type Manifest } from '../../formats/manifest.js';
import { type SignedManifest, signManifest } from '../../formats/signed-manifest.js';
import type { Chunk } from './peer-connection.js';

export interface FixtureDataset {
  readonly signed: SignedManifest;
  readonly chunks: readonly Chunk[];
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export interface FixtureOptions {
  readonly datasetId?: string;
  readonly title?: string;
  readonly description?: string;
  readonly createdAt?: string;
  readonly key?: SigningKey;
}

/** For tests: a signed dataset of the files given, cut into chunks. */
export function createFixtureDataset(
  files: Readonly<Record<string, Uint8Array>>,
  options: FixtureOptions = {},
): FixtureDataset {
  const sorted = Object.entries(files).sort(([left], [right]) => (left < right ? -1 : 1));
  const chunks: Chunk[] = [];
  const manifest: Manifest = {
    format: MANIFEST_FORMAT,
    datasetId: options.datasetId ?? null,
    metadata: {
      title: options.title ?? 'A fixture',
      ...(options.description === undefined ? {} : { description: options.description }),
      creators: [{ name: 'Tester' }],
      subjects: [],
    },
    files: sorted.map(([path, bytes]) => {
      const own = splitIntoChunks(bytes);
      chunks.push(...own);
      return {
        path,
        sizeBytes: bytes.length,
        checksums: [{ algorithm: 'sha256', value: hexSha256(bytes), origin: 'SWARM' as const }],
        chunkIds: own.map(({ id }) => id),
      };
    }),
    createdAt: options.createdAt ?? '2026-01-01T00:00:00.000Z',
  };
  return {
    signed: signManifest(manifest, [options.key ?? createSigningKey()], nodeCrypto),
    chunks,
    files: new Map(sorted),
  };
}

function splitIntoChunks(bytes: Uint8Array): Chunk[] {
  return Array.from({ length: Math.ceil(bytes.length / CHUNK_BYTES) }, (_, index) => {
    const chunk = bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
    return { id: hexBlake3(chunk) as ChunkId, bytes: chunk };
  });
}
