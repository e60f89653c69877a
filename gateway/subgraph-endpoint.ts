import { Pool } from 'undici';
import { SciclomaticError } from '../core/errors.js';
import { forwardOverPool } from './forward.js';

/** Where a subgraph is: behind a URL, or in this process. */
export type SubgraphAddress = { readonly url: string } | { readonly fetch: (request: Request) => Promise<Response> };

export interface SubgraphAnswer {
  readonly status: number;
  readonly text: string;
}

export interface SubgraphPost {
  /** JSON text. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Milliseconds until the answer must be complete. */
  readonly timeoutMs: number;
}

/** One subgraph as the gateway reaches it. */
export interface SubgraphEndpoint {
  readonly name: string;
  /**
   * POSTs to its GraphQL endpoint and reads the whole answer.
   * @throws DEADLINE_EXCEEDED, CANCELLED, SOURCE_UNAVAILABLE, SOURCE_INVALID_ANSWER (an answer over the limit)
   */
  post(request: SubgraphPost): Promise<SubgraphAnswer>;
  /**
   * Hands a request for bytes through, unbuffered both ways; path and query stay as they are.
   * @throws SOURCE_UNAVAILABLE, CANCELLED
   */
  forward(request: Request): Promise<Response>;
  close(): Promise<void>;
}

/** Largest GraphQL answer accepted of a subgraph, in bytes: 1000 datasets with 1000 files each would not fit, and should not. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** Connections to one subgraph; Apollo's advice for its gateway is 50 instead of no limit. */
const MAX_CONNECTIONS = 64;
/** An idle connection is dropped after this, in milliseconds: below the 5 s after which Node's HTTP server closes it. */
const KEEP_ALIVE_MS = 4_000;
const CONNECT_TIMEOUT_MS = 3_000;

export function createSubgraphEndpoint(name: string, address: SubgraphAddress): SubgraphEndpoint {
  return 'fetch' in address ? createLocalEndpoint(name, address.fetch) : createRemoteEndpoint(name, address.url);
}

/** Straight on an undici Pool: one connection object and no Request, Response or stream per call. */
function createRemoteEndpoint(name: string, url: string): SubgraphEndpoint {
  const { origin, pathname, search } = new URL(url);
  const options = {
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    // Deadlines are the caller's; undici's own would cut long answers in between.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const pool = new Pool(origin, { ...options, connections: MAX_CONNECTIONS });
  // Downloads have a pool of their own: slow readers must not keep queries waiting for a connection.
  const downloads = new Pool(origin, options);
  return {
    name,
    post: async (request) => {
      try {
        return await postOverPool(pool, pathname + search, request);
      } catch (error) {
        throw translate(error, name);
      }
    },
    forward: async (request) => {
      try {
        return await forwardOverPool(downloads, request);
      } catch (error) {
        throw translate(error, name);
      }
    },
    close: async () => {
      await Promise.all([pool.destroy(), downloads.destroy()]);
    },
  };
}

function postOverPool(pool: Pool, path: string, request: SubgraphPost): Promise<SubgraphAnswer> {
  return new Promise((resolve, reject) => {
    const ending = watchEnd(request);
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    let status = 0;
    ending.onEnd((reason) => reject(reason));
    pool.dispatch(
      { path, method: 'POST', headers: { ...request.headers, 'content-type': 'application/json' }, body: request.body },
      {
        onRequestStart: (controller) => ending.onEnd((reason) => controller.abort(reason)),
        onResponseStart: (_controller, statusCode) => {
          status = statusCode;
        },
        onResponseData: (controller, chunk) => {
          sizeBytes += chunk.length;
          if (sizeBytes > MAX_ANSWER_BYTES) controller.abort(tooLarge());
          else chunks.push(chunk);
        },
        onResponseEnd: () => {
          ending.stop();
          resolve({ status, text: readText(chunks) });
        },
        onResponseError: (_controller, error) => {
          ending.stop();
          reject(error);
        },
      },
    );
  });
}

function readText(chunks: readonly Buffer[]): string {
  const [first] = chunks;
  return first && chunks.length === 1 ? first.toString('utf8') : Buffer.concat(chunks).toString('utf8');
}

/** In one process: the same JSON text, handed to the subgraph's own function. */
function createLocalEndpoint(name: string, fetch: (request: Request) => Promise<Response>): SubgraphEndpoint {
  return {
    name,
    post: async (request) => {
      const ending = watchEnd(request);
      const controller = new AbortController();
      const ended = new Promise<never>((_resolve, reject) => {
        ending.onEnd((reason) => {
          controller.abort(reason);
          reject(reason);
        });
      });
      const answer = async () => {
        const response = await fetch(
          new Request(`http://${name}.subgraph.invalid/graphql`, {
            method: 'POST',
            headers: { ...request.headers, 'content-type': 'application/json' },
            body: request.body,
            signal: controller.signal,
          }),
        );
        return { status: response.status, text: await response.text() };
      };
      try {
        return await Promise.race([answer(), ended]);
      } catch (error) {
        throw translate(error, name);
      } finally {
        ending.stop();
      }
    },
    forward: fetch,
    close: () => Promise.resolve(),
  };
}

interface Ending {
  /** Called once, when the time is up or the caller left; at once when that was before. */
  onEnd(listener: (reason: Error) => void): void;
  stop(): void;
}

/** A timer and one listener: a third of the cost of AbortSignal.any and AbortSignal.timeout, which every fetch would pay. */
function watchEnd({ signal, timeoutMs }: SubgraphPost): Ending {
  const listeners: ((reason: Error) => void)[] = [];
  let reason: Error | undefined;
  const end = (error: Error) => {
    reason ??= error;
    stop();
    for (const listener of listeners) listener(reason);
  };
  const onAbort = () => end(SciclomaticError.from(signal.reason, 'CANCELLED'));
  const timer = setTimeout(
    () => end(new SciclomaticError('DEADLINE_EXCEEDED', `No answer within ${timeoutMs} ms`)),
    timeoutMs,
  );
  const stop = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  };
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  return {
    onEnd: (listener) => {
      if (reason) listener(reason);
      else listeners.push(listener);
    },
    stop,
  };
}

const tooLarge = () =>
  new SciclomaticError('SOURCE_INVALID_ANSWER', `The answer is over ${MAX_ANSWER_BYTES} bytes, the most that is read`);

/** Messages of Node and undici name addresses inside our network: clients get our words, the log gets the cause. */
function translate(error: unknown, name: string): SciclomaticError {
  const known = SciclomaticError.from(error, 'SOURCE_UNAVAILABLE');
  const messages: Partial<Record<string, string>> = {
    DEADLINE_EXCEEDED: `Subgraph ${name} did not answer in time`,
    CANCELLED: `The request to subgraph ${name} was cancelled`,
    SOURCE_UNAVAILABLE: `Subgraph ${name} does not answer`,
    SOURCE_INVALID_ANSWER: `Subgraph ${name}: ${known.message}`,
  };
  const message = messages[known.code];
  return message === undefined
    ? new SciclomaticError('SOURCE_UNAVAILABLE', `Subgraph ${name} does not answer`, { cause: error, source: name })
    : new SciclomaticError(known.code, message, { cause: error, source: name });
}
