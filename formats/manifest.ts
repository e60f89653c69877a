import { z } from 'zod';
import { SciclomaticError } from '../core/errors.js';
import {
  type ChunkId,
  createDatasetId,
  type DatasetId,
  type ManifestHash,
  parseDatasetId,
  SWARM_REPOSITORY,
} from '../core/ids.js';
import { encodeHex } from './bytes.js';
import { encodeCanonicalJson, parseCanonicalJson } from './canonical-json.js';
import type { FormatCrypto } from './crypto.js';
import { type Checksum, type DatasetRecord, datasetRecordSchema } from './dataset-record.js';
import { instantSchema } from './instant.js';
import { assertSafePath } from './safe-path.js';
import { MAX_PAYLOAD_BYTES } from './signed-record.js';

/**
 * What a dataset in the swarm is made of. Its canonical bytes (RFC 8785 JSON) name it: their BLAKE3-256 is the manifest
 * hash, so nothing in it can change without becoming another manifest.
 */
export interface Manifest {
  readonly format: typeof MANIFEST_FORMAT;
  /** Null: submitted here, its id is `sc:<manifest hash>`. Else the id under which another repository keeps it: a mirror. */
  readonly datasetId: string | null;
  readonly metadata: DatasetMetadata;
  /** Sorted by path in code-unit order; paths are unique and none is a folder of another. */
  readonly files: readonly ManifestFile[];
  /** ISO 8601 instant in UTC, e.g. `2026-01-31T12:00:00.000Z`. */
  readonly createdAt: string;
  /** Id of the dataset that this one corrects or follows. */
  readonly previousVersion?: string | undefined;
}

/** A dataset record without what the manifest itself says. */
export type DatasetMetadata = Omit<DatasetRecord, 'id' | 'files' | 'previousVersion'>;

export interface ManifestFile {
  /** Safe, see `assertSafePath`. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly mediaType?: string | undefined;
  /** ISO 8601 instant at which the source last changed the file. */
  readonly lastModified?: string | undefined;
  /** Always one `sha256` of origin `SWARM` over the whole file; besides, what the source states. */
  readonly checksums: readonly Checksum[];
  /** BLAKE3-256 of each chunk in order, 64 hex digits each. Every chunk is CHUNK_BYTES long but the last. */
  readonly chunkIds: readonly string[];
}

export const MANIFEST_FORMAT = 'sciclomatic-manifest/1';
/** Payload type of a signed manifest. */
export const MANIFEST_PAYLOAD_TYPE = 'application/vnd.sciclomatic.manifest+json';
/** Bytes of every chunk but a file's last; the largest message that crosses the swarm well. */
export const CHUNK_BYTES = 1024 * 1024;
/** Longest manifest, in bytes. At about 67 bytes a chunk this is one dataset of about 0.7 TiB. */
export const MAX_MANIFEST_BYTES = MAX_PAYLOAD_BYTES;

const HASH = /^[0-9a-f]{64}$/;
const HEX_DIGITS: ReadonlyMap<string, number> = new Map([
  ['md5', 32],
  ['sha1', 40],
  ['sha256', 64],
  ['sha512', 128],
  ['blake3', 64],
]);

const metadataSchema = datasetRecordSchema.omit({ id: true, files: true, previousVersion: true });
const manifestSchema = z.strictObject({
  format: z.literal(MANIFEST_FORMAT),
  datasetId: z.string().max(8192).nullable(),
  metadata: metadataSchema,
  files: z.array(
    z.strictObject({
      path: z.string(),
      sizeBytes: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
      mediaType: z.string().max(256).optional(),
      lastModified: z.string().max(64).optional(),
      checksums: z
        .array(
          z.strictObject({
            algorithm: z.string().regex(/^[a-z0-9-]{1,32}$/),
            value: z.string().min(1).max(512),
            origin: z.enum(['SOURCE', 'SWARM']),
          }),
        )
        .max(32),
      chunkIds: z.array(z.string().regex(HASH)),
    }),
  ),
  createdAt: instantSchema,
  previousVersion: z.string().max(8192).optional(),
});

/** Metadata of a record, for a manifest. Its id, files and previous version are the manifest's own to say. */
export function createDatasetMetadata(record: DatasetRecord): DatasetMetadata {
  const { id: _id, files: _files, previousVersion: _previousVersion, ...metadata } = record;
  return metadata;
}

/** The manifest's canonical bytes. @throws BAD_INPUT, UNSAFE_PATH or MALFORMED_ID when it breaks a rule; LIMIT_EXCEEDED */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const bytes = encodeCanonicalJson(checkManifest(manifest));
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw new SciclomaticError('LIMIT_EXCEEDED', `A manifest has at most ${MAX_MANIFEST_BYTES} bytes`);
  }
  return bytes;
}

/**
 * Reads a manifest from outside and checks every rule: canonical bytes, sorted unique safe paths, as many chunks as the
 * size needs, well-formed checksums with the swarm's own SHA-256 among them, well-formed ids.
 * @throws SOURCE_INVALID_ANSWER naming what is wrong
 */
export function parseManifest(bytes: Uint8Array, source?: string): Manifest {
  try {
    if (bytes.length > MAX_MANIFEST_BYTES) throw new Error(`over ${MAX_MANIFEST_BYTES} bytes`);
    return checkManifest(parseCanonicalJson(bytes));
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new SciclomaticError('SOURCE_INVALID_ANSWER', `Not a manifest: ${problem}`, {
      cause: error,
      ...(source === undefined ? {} : { source }),
    });
  }
}

/** BLAKE3-256 of a manifest's canonical bytes, as hex. */
export const hashManifest = (bytes: Uint8Array, crypto: Pick<FormatCrypto, 'blake3'>): ManifestHash =>
  encodeHex(crypto.blake3(bytes)) as ManifestHash;

/** The id under which the swarm knows the dataset. */
export const manifestDatasetId = (manifest: Pick<Manifest, 'datasetId'>, hash: ManifestHash): DatasetId =>
  manifest.datasetId === null ? createDatasetId(SWARM_REPOSITORY, hash) : parseDatasetId(manifest.datasetId);

/** The dataset as search and repositories pass it on. */
export function createDatasetRecord(manifest: Manifest, hash: ManifestHash): DatasetRecord {
  const { previousVersion } = manifest;
  return {
    id: manifestDatasetId(manifest, hash),
    ...manifest.metadata,
    ...(previousVersion === undefined ? {} : { previousVersion }),
    files: manifest.files.map(({ chunkIds: _chunkIds, ...file }) => file),
  };
}

/** How many chunks a file of that size has; none when it is empty. */
export const countChunks = (sizeBytes: number): number => Math.ceil(sizeBytes / CHUNK_BYTES);

/** Length in bytes of one chunk of a file. @throws BAD_INPUT when the file has no such chunk */
export function chunkSizeBytes(file: Pick<ManifestFile, 'sizeBytes'>, chunkIndex: number): number {
  const start = chunkIndex * CHUNK_BYTES;
  if (!Number.isInteger(chunkIndex) || chunkIndex < 0 || start >= file.sizeBytes) {
    throw new SciclomaticError('BAD_INPUT', `A file of ${file.sizeBytes} bytes has no chunk ${chunkIndex}`);
  }
  return Math.min(CHUNK_BYTES, file.sizeBytes - start);
}

/** A slice of one chunk. */
export interface ChunkRange {
  readonly chunkIndex: number;
  readonly chunkId: ChunkId;
  /** First byte within the chunk. */
  readonly start: number;
  /** Byte after the last within the chunk. */
  readonly end: number;
}

/**
 * The slices of chunks that together are `length` bytes of the file from `offset`, in order; nothing for a length of 0.
 * @throws BAD_INPUT when the range is not within the file
 */
export function chunkRanges(
  file: Pick<ManifestFile, 'path' | 'sizeBytes' | 'chunkIds'>,
  offset: number,
  length: number,
): Iterable<ChunkRange> {
  const end = offset + length;
  if (![offset, length, end].every((value) => Number.isSafeInteger(value) && value >= 0) || end > file.sizeBytes) {
    throw new SciclomaticError(
      'BAD_INPUT',
      `Bytes ${offset} to ${end} are not within ${JSON.stringify(file.path)} of ${file.sizeBytes} bytes`,
    );
  }
  return listRanges(file, offset, end);
}

function* listRanges(file: Pick<ManifestFile, 'chunkIds'>, offset: number, end: number): Generator<ChunkRange> {
  for (let position = offset; position < end; ) {
    const chunkIndex = Math.floor(position / CHUNK_BYTES);
    const chunkStart = chunkIndex * CHUNK_BYTES;
    const chunkId = (file.chunkIds[chunkIndex] ?? '') as ChunkId;
    const sliceEnd = Math.min(CHUNK_BYTES, end - chunkStart);
    yield { chunkIndex, chunkId, start: position - chunkStart, end: sliceEnd };
    position = chunkStart + sliceEnd;
  }
}

function checkManifest(value: unknown): Manifest {
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success) {
    const shown = parsed.error.issues.slice(0, 20).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new SciclomaticError('BAD_INPUT', shown.join('; '));
  }
  const manifest: Manifest = parsed.data;
  if (manifest.datasetId !== null) {
    const id = parseDatasetId(manifest.datasetId);
    if (id.startsWith(`${SWARM_REPOSITORY}:`)) {
      throw new SciclomaticError('BAD_INPUT', 'datasetId: an sc: id follows from the hash and is not written down');
    }
  }
  if (manifest.previousVersion !== undefined) parseDatasetId(manifest.previousVersion);
  checkPaths(manifest.files);
  for (const file of manifest.files) checkFile(file);
  return manifest;
}

function checkPaths(files: readonly ManifestFile[]): void {
  let previous = '';
  const paths = new Set<string>();
  for (const { path } of files) {
    assertSafePath(path);
    if (path <= previous) {
      throw new SciclomaticError('BAD_INPUT', `files: ${JSON.stringify(path)} is repeated or out of order`);
    }
    previous = path;
    paths.add(path);
  }
  for (const path of paths) {
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      const folder = path.slice(0, slash);
      if (paths.has(folder)) {
        throw new SciclomaticError('BAD_INPUT', `files: ${JSON.stringify(folder)} is both a file and a folder`);
      }
    }
  }
}

function checkFile(file: ManifestFile): void {
  const refuse = (problem: string) => new SciclomaticError('BAD_INPUT', `${JSON.stringify(file.path)}: ${problem}`);
  if (file.chunkIds.length !== countChunks(file.sizeBytes)) {
    throw refuse(`${file.sizeBytes} bytes are ${countChunks(file.sizeBytes)} chunks, not ${file.chunkIds.length}`);
  }
  const seen = new Set<string>();
  for (const { algorithm, value, origin } of file.checksums) {
    const digits = HEX_DIGITS.get(algorithm);
    if (digits !== undefined && (value.length !== digits || !/^[0-9a-f]+$/.test(value))) {
      throw refuse(`${algorithm} is ${digits} lower-case hex digits`);
    }
    if (seen.has(`${origin} ${algorithm}`)) throw refuse(`two ${algorithm} checksums of origin ${origin}`);
    seen.add(`${origin} ${algorithm}`);
  }
  if (!seen.has('SWARM sha256')) throw refuse('has no sha256 of origin SWARM');
}
