import type { Swarm } from '../../adapters/swarm/swarm.js';
import type { Call } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import { type DatasetId, parseDatasetId } from '../../core/ids.js';
import type { ManifestFile } from '../../formats/manifest.js';
import { assertSafePath } from '../../formats/safe-path.js';
import { type ByteRange, parseByteRange } from './byte-range.js';
import type { Holding, Holdings } from './holdings.js';
import type { LinkSigner } from './signed-link.js';

export interface FileRouteServices {
  readonly swarm: Swarm;
  readonly holdings: Holdings;
  readonly links: LinkSigner;
}

const purposeOf = (datasetId: DatasetId, path: string): readonly string[] => ['GET file', datasetId, path];

/** Path and query of a link to one file; an id is one encoded segment, and so is a path. */
export function createFileLink(links: LinkSigner, datasetId: DatasetId, path: string, expiresAtMs: number): string {
  const query = links.sign(purposeOf(datasetId, path), expiresAtMs);
  return `/files/${encodeURIComponent(datasetId)}/${encodeURIComponent(path)}?${query}`;
}

/**
 * Answers `GET|HEAD /files/<dataset id>/<path>`: the file's bytes from whichever peers hold them, each chunk verified
 * before any byte of it is sent, with Range, If-Range, If-None-Match, a strong ETag and Repr-Digest (RFC 9110, RFC 9530).
 * A failure after the first bytes cuts the connection: wrong bytes are never sent instead.
 * @throws UNSAFE_PATH, MALFORMED_ID, UNAUTHENTICATED, NOT_FOUND, SOURCE_UNAVAILABLE
 */
export async function serveFile(
  services: FileRouteServices,
  request: Request,
  segments: readonly [datasetId: string, path: string],
  call: Call,
): Promise<Response> {
  const path = segments[1];
  assertSafePath(path);
  const datasetId = parseDatasetId(segments[0]);
  services.links.verify(purposeOf(datasetId, path), new URL(request.url).searchParams);
  const holding = await services.holdings.find(datasetId, call);
  // Links are made for what is held, and what is held is never withdrawn: who has it does not answer now.
  if (!holding) throw new SciclomaticError('SOURCE_UNAVAILABLE', `No storage peer that answers holds ${datasetId}`);
  const file = holding.filesByPath.get(path);
  if (!file) {
    throw new SciclomaticError('NOT_FOUND', `The swarm holds no file ${JSON.stringify(path)} of ${datasetId}`);
  }
  const etag = `"${sha256Of(file)}"`;
  const headers = describeFile(file, etag);
  if (matchesAny(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers });
  const range = parseByteRange(request.headers.get('range'), request.headers.get('if-range'), { ...file, etag });
  if (request.method === 'HEAD') {
    headers.set('content-length', String(file.sizeBytes));
    return new Response(null, { status: 200, headers });
  }
  return sendRange(services.swarm, holding, file, range, headers, call);
}

async function sendRange(
  swarm: Swarm,
  holding: Holding,
  file: ManifestFile,
  range: ByteRange,
  headers: Headers,
  call: Call,
): Promise<Response> {
  if (range.kind === 'UNSATISFIABLE') {
    headers.set('content-range', `bytes */${file.sizeBytes}`);
    return new Response(null, { status: 416, headers });
  }
  const { offset, length } = range.kind === 'PART' ? range : { offset: 0, length: file.sizeBytes };
  headers.set('content-length', String(length));
  if (range.kind === 'PART') {
    headers.set('content-range', `bytes ${offset}-${offset + length - 1}/${file.sizeBytes}`);
  }
  const body = await createBody(swarm.readFile(file, { offset, length }, holding.holders, call));
  return new Response(body, { status: range.kind === 'PART' ? 206 : 200, headers });
}

/** A stream of the pieces. The first is awaited, so that what fails at once is an answer with a code. */
async function createBody(pieces: AsyncGenerator<Uint8Array>): Promise<ReadableStream<Uint8Array>> {
  let next = await pieces.next();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        if (next.done) return controller.close();
        controller.enqueue(next.value);
        next = await pieces.next();
        if (next.done) controller.close();
      },
      cancel: async () => {
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

const sha256Of = (file: ManifestFile): string =>
  file.checksums.find(({ algorithm, origin }) => algorithm === 'sha256' && origin === 'SWARM')?.value ?? '';

/** RFC 9110 §8.3.1. What a source calls a media type may be any text, and a header takes few. */
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;[\x20-\x7e]*)?$/;

function describeFile(file: ManifestFile, etag: string): Headers {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  return new Headers({
    'accept-ranges': 'bytes',
    'content-type': MEDIA_TYPE.test(file.mediaType ?? '') ? (file.mediaType ?? '') : 'application/octet-stream',
    // Bytes of strangers are never shown as a page of this origin, whatever they call themselves: saved, sandboxed, not guessed.
    'content-disposition': `attachment; filename*=UTF-8''${encodeExtendedValue(name)}`,
    'content-security-policy': "sandbox; default-src 'none'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-cache',
    etag,
    'repr-digest': `sha-256=:${Buffer.from(sha256Of(file), 'hex').toString('base64')}:`,
  });
}

/** RFC 8187: what encodeURIComponent leaves and the RFC does not. */
const encodeExtendedValue = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const matchesAny = (ifNoneMatch: string | null, etag: string): boolean =>
  ifNoneMatch !== null &&
  (ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag));
