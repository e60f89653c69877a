import { createCall, REQUEST_ID_HEADER } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import type { Logger } from '../../core/log.js';
import { type FileRouteServices, serveFile } from './file-route.js';
import { receiveUpload, type UploadRouteServices } from './upload-route.js';

/**
 * The paths over which bytes travel: `/files/<dataset id>/<path>` and `/uploads/<id>`, each segment percent-encoded. A
 * link's signature is the permission; callers need no token. Undefined for every other path.
 */
export function createRoutes(
  services: FileRouteServices & UploadRouteServices,
  log: Logger,
): (request: Request) => Promise<Response> | undefined {
  return (request) => {
    const segments = new URL(request.url).pathname.split('/').slice(1);
    const [area] = segments;
    if (area !== 'files' && area !== 'uploads') return undefined;
    const call = createCall({
      log: log.child({ subgraph: 'storage', area }),
      requestId: request.headers.get(REQUEST_ID_HEADER),
      signal: request.signal,
    });
    const answer = async (): Promise<Response> => {
      try {
        const [first, second, ...more] = segments.slice(1).map(decodeSegment);
        if (area === 'files' && first !== undefined && second !== undefined && more.length === 0) {
          if (!isMethod(request, 'GET', 'HEAD')) return refuseMethod('GET, HEAD');
          return await serveFile(services, request, [first, second], call);
        }
        if (area === 'uploads' && first !== undefined && second === undefined) {
          if (!isMethod(request, 'PUT')) return refuseMethod('PUT');
          return await receiveUpload(services, request, first, call);
        }
        throw new SciclomaticError('NOT_FOUND', 'There is nothing here: /files/<dataset id>/<path> or /uploads/<id>');
      } catch (thrown) {
        return refuse(SciclomaticError.from(thrown), log);
      }
    };
    return answer();
  };
}

const isMethod = (request: Request, ...methods: readonly string[]): boolean => methods.includes(request.method);

const refuseMethod = (allow: string): Response =>
  Response.json(
    { errors: [{ message: `Only ${allow} here`, extensions: { code: 'UNSUPPORTED', source: 'storage' } }] },
    { status: 405, headers: { allow } },
  );

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    throw new SciclomaticError('BAD_INPUT', 'The path is not percent-encoded UTF-8', { cause: error });
  }
}

function refuse(error: SciclomaticError, log: Logger): Response {
  if (error.code === 'INTERNAL') log.error({ error }, 'A transfer failed');
  return Response.json(
    { errors: [{ message: error.publicMessage, extensions: { code: error.code, source: error.source ?? 'storage' } }] },
    { status: error.httpStatus },
  );
}
