import { Readable } from 'node:stream';
import type { Pool } from 'undici';

/** Headers of one connection only (RFC 9110 §7.6.1), and those that are set anew on ours. */
const HOP_HEADERS = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'expect',
]);

/** Bytes that wait between two sockets at most; more would only hide that the reader is slow. */
const BUFFER_BYTES = 256 * 1024;

/**
 * Sends a request on through a pool, unbuffered both ways: method, path, query, end-to-end headers (Range, If-Range, ETag …)
 * and bodies stay as they are, nothing is decoded. When either side leaves, the other is cut.
 */
export async function forwardOverPool(pool: Pool, request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const answer = await pool.request({
    path: pathname + search,
    method: request.method,
    headers: Object.fromEntries([...request.headers].filter(([name]) => !HOP_HEADERS.has(name))),
    body: request.body === null ? null : Readable.from(readChunks(request.body), { objectMode: false }),
    signal: request.signal,
    highWaterMark: BUFFER_BYTES,
  });
  const init = { status: answer.statusCode, headers: toHeaders(answer.headers) };
  if (hasBody(request.method, answer.statusCode)) return new Response(toWebStream(answer.body), init);
  // Nothing comes, but the connection is free again only when that was read.
  answer.body.resume();
  return new Response(null, init);
}

function hasBody(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304;
}

async function* readChunks(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) yield chunk;
}

/** Node's own Readable.toWeb counts chunks where it should count bytes, and so would buffer gigabytes for a slow reader. */
function toWebStream(body: Readable): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const next = await chunks.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      cancel: (reason) => {
        body.destroy(reason instanceof Error ? reason : undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

function toHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const result = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || HOP_HEADERS.has(name)) continue;
    for (const one of Array.isArray(value) ? value : [value]) result.append(name, one);
  }
  return result;
}
