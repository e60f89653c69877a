import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_CHUNK_BYTES } from '../adapters/chunks/contract.js';
import { nodeCrypto } from '../core/node-crypto.js';
import { encodeHex, encodeUtf8 } from './bytes.js';
import { canonicalJson } from './canonical-json.js';
import { parseDatasetRecord } from './dataset-record.js';
import {
  CHUNK_BYTES,
  chunkRanges,
  chunkSizeBytes,
  createDatasetMetadata,
  createDatasetRecord,
  encodeManifest,
  hashManifest,
  type Manifest,
  type ManifestFile,
  manifestDatasetId,
  parseManifest,
} from './manifest.js';
import { nobleCrypto } from './noble-crypto.js';

const hashOf = (text: string) => encodeHex(nodeCrypto.blake3(encodeUtf8(text)));

function createFile(path: string, sizeBytes = 3): ManifestFile {
  const chunkCount = Math.ceil(sizeBytes / CHUNK_BYTES);
  return {
    path,
    sizeBytes,
    checksums: [{ algorithm: 'sha256', value: hashOf(path), origin: 'SWARM' }],
    chunkIds: Array.from({ length: chunkCount }, (_, index) => hashOf(`${path} ${index}`)),
  };
}

const manifest: Manifest = {
  format: 'sciclomatic-manifest/1',
  datasetId: null,
  metadata: { title: 'Lorenz attractor', creators: [{ name: 'Lorenz, Edward' }], subjects: ['chaos'] },
  files: [createFile('a.csv', 0), createFile('a/b', CHUNK_BYTES), createFile('c.bin', 2 * CHUNK_BYTES + 1)],
  createdAt: '2026-01-31T12:00:00.000Z',
};

describe('manifest', () => {
  it('has chunks of the size that chunk stores accept', () => {
    expect(CHUNK_BYTES).toBe(MAX_CHUNK_BYTES);
  });

  it('comes back from its bytes, and its bytes name it the same with either crypto', () => {
    const bytes = encodeManifest(manifest);
    expect(parseManifest(bytes)).toEqual(manifest);
    expect(encodeManifest(parseManifest(bytes))).toEqual(bytes);
    const hash = hashManifest(bytes, nodeCrypto);
    expect(hashManifest(bytes, nobleCrypto)).toBe(hash);
    expect(manifestDatasetId(manifest, hash)).toBe(`sc:${hash}`);
    expect(manifestDatasetId({ datasetId: 'zenodo:10.5281/zenodo.1' }, hash)).toBe('zenodo:10.5281/zenodo.1');
  });

  it('makes a valid dataset record, and metadata of one', () => {
    const corrected = { ...manifest, previousVersion: 'zenodo:1' };
    const hash = hashManifest(encodeManifest(corrected), nodeCrypto);
    const record = createDatasetRecord(corrected, hash);
    expect(parseDatasetRecord(record)).toMatchObject({ id: `sc:${hash}`, previousVersion: 'zenodo:1' });
    expect(record.files?.[2]).toEqual({
      path: 'c.bin',
      sizeBytes: 2 * CHUNK_BYTES + 1,
      checksums: [{ algorithm: 'sha256', value: hashOf('c.bin'), origin: 'SWARM' }],
    });
    expect(createDatasetMetadata(record)).toEqual(manifest.metadata);
  });

  const file = createFile('f');
  const sha256 = file.checksums[0];
  it.each<[string, object]>([
    ['another format', { format: 'sciclomatic-manifest/2' }],
    ['an unknown member', { more: 1 }],
    ['files out of order', { files: [createFile('b'), createFile('a')] }],
    ['a repeated path', { files: [createFile('a'), createFile('a')] }],
    ['a file that is a folder of another', { files: [createFile('a'), createFile('a-'), createFile('a/b')] }],
    ['an unsafe path', { files: [createFile('../a')] }],
    ['too few chunks', { files: [{ ...file, sizeBytes: CHUNK_BYTES + 1 }] }],
    ['too many chunks', { files: [{ ...file, sizeBytes: 0 }] }],
    ['a chunk id in upper case', { files: [{ ...file, chunkIds: [hashOf('x').toUpperCase()] }] }],
    ['a negative size', { files: [{ ...file, sizeBytes: -1 }] }],
    ['no checksum of ours', { files: [{ ...file, checksums: [] }] }],
    [
      'a short checksum',
      { files: [{ ...file, checksums: [sha256, { algorithm: 'md5', value: '00', origin: 'SOURCE' }] }] },
    ],
    ['a checksum twice', { files: [{ ...file, checksums: [sha256, sha256] }] }],
    ['an sc: id', { datasetId: `sc:${hashOf('x')}` }],
    ['a malformed id', { datasetId: 'no colon' }],
    ['a malformed previous version', { previousVersion: 'x:' }],
    ['a local time', { createdAt: '2026-01-31T12:00:00' }],
    ['a month that is none', { createdAt: '2026-13-31T12:00:00Z' }],
    ['metadata without a title', { metadata: { creators: [], subjects: [] } }],
    ['metadata with files', { metadata: { ...manifest.metadata, files: [] } }],
  ])('is refused with %s', (_name, change) => {
    const bytes = encodeUtf8(canonicalJson({ ...manifest, ...change }));
    expect(() => parseManifest(bytes, 'peer-1')).toThrow(
      expect.objectContaining({ code: 'SOURCE_INVALID_ANSWER', source: 'peer-1' }),
    );
    expect(() => encodeManifest({ ...manifest, ...change })).toThrow();
  });

  it('is refused in any but its canonical spelling, or when it is no JSON', () => {
    for (const text of [JSON.stringify(manifest, null, 1), '', 'null', '<html>']) {
      expect(() => parseManifest(encodeUtf8(text))).toThrow(expect.objectContaining({ code: 'SOURCE_INVALID_ANSWER' }));
    }
  });
});

describe('chunkRanges', () => {
  const file = createFile('c.bin', 2 * CHUNK_BYTES + 1);

  it('covers exactly the bytes asked for, in order', () => {
    const position = fc.oneof(
      fc.integer({ min: 0, max: file.sizeBytes }),
      fc.constantFrom(0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, file.sizeBytes),
    );
    fc.assert(
      fc.property(position, position, (one, other) => {
        const offset = Math.min(one, other);
        const end = Math.max(one, other);
        let covered = offset;
        for (const range of chunkRanges(file, offset, end - offset)) {
          expect(range.chunkIndex * CHUNK_BYTES + range.start).toBe(covered);
          expect(range.end).toBeGreaterThan(range.start);
          expect(range.end).toBeLessThanOrEqual(chunkSizeBytes(file, range.chunkIndex));
          expect(range.chunkId).toBe(file.chunkIds[range.chunkIndex]);
          covered += range.end - range.start;
        }
        expect(covered).toBe(end);
      }),
    );
  });

  it.each([
    [-1, 1],
    [0, file.sizeBytes + 1],
    [file.sizeBytes, 1],
    [0.5, 1],
    [0, -1],
    [Number.NaN, 1],
  ])('refuses offset %d, length %d at once', (offset, length) => {
    expect(() => chunkRanges(file, offset, length)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });

  it('knows the size of each chunk', () => {
    expect([0, 1, 2].map((index) => chunkSizeBytes(file, index))).toEqual([CHUNK_BYTES, CHUNK_BYTES, 1]);
    for (const index of [-1, 3, 0.5]) {
      expect(() => chunkSizeBytes(file, index)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
    }
  });
});
