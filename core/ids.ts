import { SciclomaticError } from './errors.js';

/**
 * Branded ids. A dataset is `<repository>:<local id>`, a file `<dataset id>#<path>`; `%` and `#` within a part are
 * percent-encoded. Ids are opaque to clients and stable for ever; in a URL an id is one encoded segment.
 */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type RepositoryId = Branded<'RepositoryId'>;
export type DatasetId = Branded<'DatasetId'>;
export type FileId = Branded<'FileId'>;
export type InstitutionId = Branded<'InstitutionId'>;
export type AdapterId = Branded<'AdapterId'>;
/** 64 lower-case hex digits: BLAKE3-256 of a chunk's bytes. */
export type ChunkId = Branded<'ChunkId'>;
/** 64 lower-case hex digits: BLAKE3-256 of a manifest's canonical bytes. */
export type ManifestHash = Branded<'ManifestHash'>;

/** The repository of datasets submitted to the swarm: their ids are `sc:<manifest hash>`. */
export const SWARM_REPOSITORY = 'sc' as RepositoryId;

/** Longest id accepted, in UTF-16 code units; long enough for a 4 KiB object key. */
export const MAX_ID_LENGTH = 8192;

const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$/;
const HASH = /^[0-9a-f]{64}$/;

function parseName(value: string, kind: string): string {
  if (!NAME.test(value)) {
    throw new SciclomaticError('MALFORMED_ID', `${kind} id ${quote(value)} must be 1 to 64 of a-z, 0-9, "." and "-"`);
  }
  return value;
}

export const parseRepositoryId = (value: string): RepositoryId => parseName(value, 'Repository') as RepositoryId;
export const parseInstitutionId = (value: string): InstitutionId => parseName(value, 'Institution') as InstitutionId;
export const parseAdapterId = (value: string): AdapterId => parseName(value, 'Adapter') as AdapterId;

function parseHash(value: string, kind: string): string {
  if (!HASH.test(value))
    throw new SciclomaticError('MALFORMED_ID', `${kind} ${quote(value)} must be 64 lower-case hex digits`);
  return value;
}

export const parseChunkId = (value: string): ChunkId => parseHash(value, 'Chunk id') as ChunkId;
export const parseManifestHash = (value: string): ManifestHash => parseHash(value, 'Manifest hash') as ManifestHash;

const encodePart = (part: string): string => part.replaceAll('%', '%25').replaceAll('#', '%23');
const decodePart = (part: string): string => part.replaceAll('%23', '#').replaceAll('%25', '%');

/** @throws MALFORMED_ID when localId is empty, too long or holds a control character. */
export function createDatasetId(repository: RepositoryId, localId: string): DatasetId {
  const id = `${repository}:${encodePart(localId)}`;
  assertLocalPart(localId, id);
  return id as DatasetId;
}

/** @throws MALFORMED_ID */
export function parseDatasetId(value: string): DatasetId {
  splitDatasetId(value as DatasetId);
  return value as DatasetId;
}

/** Repository and decoded local id. @throws MALFORMED_ID */
export function splitDatasetId(id: DatasetId): { repository: RepositoryId; localId: string } {
  const colon = id.indexOf(':');
  if (colon < 0)
    throw new SciclomaticError('MALFORMED_ID', `Dataset id ${quote(id)} has no ":"; it is <repository>:<local id>`);
  const repository = parseRepositoryId(id.slice(0, colon));
  const encoded = id.slice(colon + 1);
  assertEncoded(encoded, id, 'Dataset id');
  const localId = decodePart(encoded);
  assertLocalPart(localId, id);
  return { repository, localId };
}

/** @throws MALFORMED_ID when path is empty, too long or holds a control character. */
export function createFileId(dataset: DatasetId, path: string): FileId {
  const id = `${dataset}#${encodePart(path)}`;
  assertLocalPart(path, id);
  return id as FileId;
}

/** Dataset id and decoded path. @throws MALFORMED_ID */
export function splitFileId(value: string): { dataset: DatasetId; path: string } {
  const hash = value.indexOf('#');
  if (hash < 0)
    throw new SciclomaticError('MALFORMED_ID', `File id ${quote(value)} has no "#"; it is <dataset id>#<path>`);
  const encoded = value.slice(hash + 1);
  assertEncoded(encoded, value, 'File id');
  const path = decodePart(encoded);
  assertLocalPart(path, value);
  return { dataset: parseDatasetId(value.slice(0, hash)), path };
}

/** One thing, one id: what stands for itself is never percent-encoded. */
function assertEncoded(encoded: string, whole: string, kind: string): void {
  if (encoded.includes('#') || /%(?!23|25)/.test(encoded))
    throw new SciclomaticError('MALFORMED_ID', `${kind} ${quote(whole)}: "#" and "%" must be written %23 and %25`);
}

/** Half of a surrogate pair cannot be written in UTF-8: such an id would come back as another one. */
const LONE_SURROGATE = /\p{Surrogate}/u;

function assertLocalPart(part: string, whole: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const forbidden = /[\u0000-\u001f\u007f]/.test(part) || LONE_SURROGATE.test(part);
  if (part === '' || whole.length > MAX_ID_LENGTH || forbidden) {
    throw new SciclomaticError(
      'MALFORMED_ID',
      `Id ${quote(whole)} has an empty part, a control character, half a surrogate pair, or over ${MAX_ID_LENGTH} characters`,
    );
  }
}

/** Shows an untrusted value in a message: shortened, control characters escaped. */
function quote(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
}
