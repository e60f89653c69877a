import type { Swarm } from '../../adapters/swarm/swarm.js';
import type { Call } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import { choosePeer } from './publish-manifest.js';
import type { LinkSigner } from './signed-link.js';
import { type StoredFile, storeFile } from './store-file.js';
import type { UploadRecord, Uploads } from './uploads.js';

export interface UploadRouteServices {
  readonly swarm: Swarm;
  readonly uploads: Uploads;
  readonly links: LinkSigner;
}

const purposeOf = (id: string): readonly string[] => ['PUT upload', id];

/** Path and query to which one file's bytes are PUT. */
export function createUploadLink(links: LinkSigner, id: string, expiresAtMs: number): string {
  return `/uploads/${encodeURIComponent(id)}?${links.sign(purposeOf(id), expiresAtMs)}`;
}

/**
 * Answers `PUT /uploads/<id>`: streams the body to the nearest peer and notes the upload once every byte is on its disk
 * and length and SHA-256 are as announced. Of a body that is cut, too short, too long or wrong nothing is noted.
 * @throws UNAUTHENTICATED, NOT_FOUND, BAD_INPUT when too short or cut, REQUEST_TOO_LARGE when too long, CHECKSUM_MISMATCH,
 *   STORAGE_FULL, SOURCE_UNAVAILABLE
 */
export async function receiveUpload(
  { swarm, uploads, links }: UploadRouteServices,
  request: Request,
  id: string,
  call: Call,
): Promise<Response> {
  links.verify(purposeOf(id), new URL(request.url).searchParams);
  const upload = uploads.read(id);
  checkAnnouncedLength(upload, request.headers.get('content-length'));
  const target = await choosePeer(swarm, upload.sizeBytes, call);
  const stored = await storeFile(target, readBody(request), upload.sizeBytes, call);
  checkStored(upload, stored);
  await uploads.complete(upload, stored);
  const { sizeBytes, digests } = stored;
  return Response.json({ id, path: upload.path, sizeBytes, sha256: digests.sha256 }, { status: 201 });
}

function checkAnnouncedLength(upload: UploadRecord, contentLength: string | null): void {
  if (contentLength === null || Number(contentLength) === upload.sizeBytes) return;
  throw wrongLength(upload, Number(contentLength));
}

function checkStored(upload: UploadRecord, stored: StoredFile): void {
  if (stored.sizeBytes !== upload.sizeBytes) throw wrongLength(upload, stored.sizeBytes);
  const { sha256 } = stored.digests;
  if (upload.sha256 !== null && upload.sha256 !== sha256) {
    throw new SciclomaticError(
      'CHECKSUM_MISMATCH',
      `The SHA-256 of ${JSON.stringify(upload.path)} is ${sha256 ?? ''}; ${upload.sha256} was announced`,
    );
  }
}

function wrongLength({ path, sizeBytes }: UploadRecord, actual: number): SciclomaticError {
  return new SciclomaticError(
    actual > sizeBytes ? 'REQUEST_TOO_LARGE' : 'BAD_INPUT',
    `${JSON.stringify(path)} was announced with ${sizeBytes} bytes; ${actual} came`,
  );
}

/** @throws BAD_INPUT when the connection breaks in the middle */
async function* readBody(request: Request): AsyncGenerator<Uint8Array> {
  if (request.body === null) return;
  try {
    for await (const piece of request.body) yield piece;
  } catch (error) {
    throw new SciclomaticError('BAD_INPUT', 'The upload was cut before its end; nothing of it was kept', {
      cause: error,
    });
  }
}
