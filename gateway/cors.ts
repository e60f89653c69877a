/** Pages of other origins that may use the API; the portal's own origin needs no leave. */
export interface CorsPolicy {
  /** Headers to add to an answer; none when the origin is not allowed. */
  headersFor(origin: string | null | undefined): Readonly<Record<string, string>>;
  /** The answer to a preflight (Fetch standard, CORS protocol). */
  answerPreflight(request: Request): Response;
}

/** A browser may remember a preflight's answer for a day, in seconds. */
const MAX_AGE_SECONDS = 86_400;
const EXPOSED = 'x-request-id, etag, content-range, accept-ranges, repr-digest';

/**
 * By default no other origin may read answers: on a scientist's machine any page of the web could otherwise use the API
 * that listens on loopback. Credentials are never allowed, so `*` opens what is public anyway.
 * @param origins exact origins (`https://portal.example`), or `*` for all
 */
export function createCorsPolicy(origins: readonly string[]): CorsPolicy {
  const open = origins.includes('*');
  const headersFor = (origin: string | null | undefined): Record<string, string> => {
    if (open) return { 'access-control-allow-origin': '*', 'access-control-expose-headers': EXPOSED };
    if (origins.length === 0) return {};
    if (!origin || !origins.includes(origin)) return { vary: 'origin' };
    return { 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED, vary: 'origin' };
  };
  return {
    headersFor,
    answerPreflight: (request) =>
      new Response(null, {
        status: 204,
        headers: {
          ...headersFor(request.headers.get('origin')),
          'access-control-allow-methods': 'GET, HEAD, POST, PUT',
          'access-control-allow-headers': request.headers.get('access-control-request-headers') ?? 'content-type',
          'access-control-max-age': String(MAX_AGE_SECONDS),
        },
      }),
  };
}
