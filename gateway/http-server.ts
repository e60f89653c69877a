import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { SciclomaticError } from '../core/errors.js';

/** A socket under a fetch function. */
export interface HttpServer {
  /** `http://host:port`, the port as bound. */
  readonly url: string;
  /** Takes no more connections, waits for requests under way up to `drainMs`, then cuts them. */
  close(drainMs: number): Promise<void>;
}

export interface HttpServerOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly fetch: (request: Request) => Promise<Response>;
  /** Answers some requests without Request and Response; false = `fetch` answers. */
  readonly answerDirectly: (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;
}

type FetchCallback = Parameters<typeof getRequestListener>[0];

/** An idle connection is kept for this long, in milliseconds: longer than the 60 s of usual proxies before us. */
const KEEP_ALIVE_MS = 65_000;
const HEADERS_TIMEOUT_MS = 30_000;
const IDLE_CHECK_MS = 50;
/** How long what still comes of a refused request is read and forgotten, in milliseconds. */
const LINGER_MS = 2000;

/** @throws CONFIG_INVALID when the address cannot be bound */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, port, fetch, answerDirectly } = options;
  // Uploads and downloads may take hours: only headers have a limit of their own.
  const server = createServer({
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: 0,
  });
  const answer: FetchCallback = async (request, { incoming, outgoing }) => {
    const response = await fetch(request);
    if (incoming.complete) return response;
    // What was refused unread still comes in: the connection cannot be used again, and who is told does not try.
    outgoing.setHeader('connection', 'close');
    return response.status < 400 ? response : holdOpen(response, readRest(incoming));
  };
  const listener = getRequestListener(answer, { overrideGlobalObjects: false });
  server.on('request', (incoming, outgoing) => {
    if (!answerDirectly(incoming, outgoing)) void listener(incoming, outgoing);
  });
  await listen(server, host, port);
  const bound = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound.port}`,
    close: (drainMs) => drain(server, drainMs),
  };
}

/** Resolves at the end of the request, or when that takes too long. */
function readRest(incoming: Readable): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, LINGER_MS).unref();
    incoming.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    // Nobody reads the body any more: who began to keeps it back.
    incoming.removeAllListeners('data').resume();
  });
}

/**
 * The same answer, whole at once, whose connection stays open until the promise resolves: a client that still sends when
 * we close gets a reset, and with it loses the answer.
 */
async function holdOpen(response: Response, over: Promise<void>): Promise<Response> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const headers = new Headers(response.headers);
  headers.set('content-length', String(bytes.length));
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(bytes),
    pull: async (controller) => {
      await over;
      controller.close();
    },
  });
  return new Response(body, { status: response.status, headers });
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new SciclomaticError('CONFIG_INVALID', `Cannot listen on ${host}:${port}: ${error.message}`, { cause: error }),
      ),
    );
    server.listen(port, host, resolve);
  });
}

function drain(server: Server, drainMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cutting = setTimeout(() => server.closeAllConnections(), drainMs);
    // A connection that is kept alive becomes idle when its last request is answered, and nothing tells of that.
    const closingIdle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
    server.close(() => {
      clearTimeout(cutting);
      clearInterval(closingIdle);
      resolve();
    });
  });
}
