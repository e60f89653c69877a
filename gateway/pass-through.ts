import { SciclomaticError } from '../core/errors.js';
import type { GatewayContext } from './context.js';
import type { SubgraphEndpoint } from './subgraph-endpoint.js';

/** Which subgraph serves which paths of bytes: first path segment → subgraph. */
export type PassThroughRoutes = Readonly<Record<string, string>>;

/** Storage serves files and takes uploads, search serves what the catalogue says of a dataset. */
export const DEFAULT_PASS_THROUGH: PassThroughRoutes = { files: 'storage', uploads: 'storage', datasets: 'search' };

/** Headers that a client must not set for a subgraph: who asks and from where is ours to say. */
const RESERVED_HEADERS = /^(?:authorization|cookie|x-sc-.*)$/;

/** The subgraph to which a path belongs, if any. */
export function findPassThrough(routes: PassThroughRoutes, pathname: string): string | undefined {
  const [, segment, rest] = pathname.split('/', 3);
  return segment !== undefined && rest !== undefined && Object.hasOwn(routes, segment) ? routes[segment] : undefined;
}

/**
 * Hands a request for bytes to a subgraph and its answer back, unbuffered both ways. Range, If-Range, ETag and status pass
 * as they are; when one side leaves, the other is cut.
 * @param createHeaders caller token, request id and public URL
 * @throws SOURCE_UNAVAILABLE, CANCELLED
 */
export async function passThrough(
  endpoint: SubgraphEndpoint | undefined,
  subgraph: string,
  request: Request,
  context: GatewayContext,
  createHeaders: (context: GatewayContext) => Promise<Record<string, string>>,
): Promise<Response> {
  if (endpoint === undefined) {
    throw new SciclomaticError('NOT_FOUND', `This gateway has no subgraph ${subgraph} that serves this path`);
  }
  const headers = new Headers(request.headers);
  for (const name of request.headers.keys()) if (RESERVED_HEADERS.test(name)) headers.delete(name);
  for (const [name, value] of Object.entries(await createHeaders(context))) headers.set(name, value);
  const init: RequestInit & { duplex: 'half' } = {
    headers,
    method: request.method,
    body: request.body,
    duplex: 'half',
  };
  return endpoint.forward(new Request(request.url, { ...init, signal: request.signal }));
}
