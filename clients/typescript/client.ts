import { ClientError } from './client-error.js';
import { limitSignal } from './limit-signal.js';
import { type Connection, listPages } from './paginate.js';
import { type Answer, parseAnswer, readHttpError } from './parse-answer.js';
import { type RetryPolicy, retrying } from './retrying.js';
import type { TypedDocument } from './typed-document.js';

export { type AnswerError, ClientError } from './client-error.js';
export type { Connection } from './paginate.js';
export { type Answer, readHttpError } from './parse-answer.js';
export type { TypedDocument } from './typed-document.js';

/** Longest time for one request with its retries, unless told otherwise: over the gateway's own deadline. */
export const DEFAULT_TIMEOUT_MS = 30_000;

/** Attempts after the first one: enough for a server that restarts, few enough not to hammer it. */
export const DEFAULT_RETRIES = 2;

export interface ClientOptions {
  /** The GraphQL endpoint, `http://127.0.0.1:4000/graphql`; in a page a path will do. */
  readonly url: string;
  /** Instead of the global one: for tests, proxies, other runtimes. */
  readonly fetch?: typeof globalThis.fetch;
  /** For a whole request with its retries. Default 30 s. */
  readonly timeoutMs?: number;
  /** Attempts after the first. Default 2; 0 for none. */
  readonly retries?: number;
  /** Sent with every request to `url`, never to an upload's URL. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A number in [0, 1): spreads retries of many clients. Default Math.random. */
  readonly random?: () => number;
  /** Waits, or rejects when the signal fires. Default a timer. */
  readonly wait?: (durationMs: number, signal: AbortSignal) => Promise<void>;
}

export interface CallOptions {
  /** Ends the call with CANCELLED. */
  readonly signal?: AbortSignal;
}

/** Bytes to upload. A stream can be sent only once: it is not retried. */
export type UploadBody = Blob | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

export interface Client {
  /**
   * The answer to one operation. Partial answers are normal: look at `errors` where a field is null.
   *
   * A query is retried when the connection fails or the server says that a retry may help; a mutation only when the
   * server says that nothing was begun.
   *
   * @throws ClientError when there is no data at all: the server's code, or SOURCE_UNAVAILABLE, DEADLINE_EXCEEDED,
   *   CANCELLED, SOURCE_INVALID_ANSWER.
   */
  request<Data, Variables>(
    document: TypedDocument<Data, Variables>,
    variables: Variables,
    options?: CallOptions,
  ): Promise<Answer<Data>>;

  /**
   * Every item of a list, asking for page after page from `variables.after` on. `pick` finds the list in an answer.
   *
   * @throws ClientError like `request`; also with the code of the error that made a list null, so that a broken list
   *   never looks like a short one.
   */
  paginate<Data, Variables extends { readonly after?: string | null | undefined }, Item>(
    document: TypedDocument<Data, Variables>,
    variables: Variables,
    pick: (data: Data) => Connection<Item> | null | undefined,
    options?: CallOptions,
  ): AsyncGenerator<Item, void, undefined>;

  /**
   * PUTs bytes to the signed URL that createUploads returned. No time limit but the signal's.
   *
   * @throws ClientError with the server's code: CHECKSUM_MISMATCH, STORAGE_FULL, UNAUTHENTICATED (the URL ended), …
   */
  upload(url: string, body: UploadBody, options?: CallOptions): Promise<void>;
}

/** A client of one endpoint, for browsers and Node alike. It holds no connection: there is nothing to close. */
export function createClient(options: ClientOptions): Client {
  const send = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const policy: RetryPolicy = {
    retries: options.retries ?? DEFAULT_RETRIES,
    random: options.random ?? Math.random,
    wait: options.wait ?? waitFor,
  };

  const client: Client = {
    async request<Data, Variables>(
      document: TypedDocument<Data, Variables>,
      variables: Variables,
      { signal }: CallOptions = {},
    ): Promise<Answer<Data>> {
      const limited = limitSignal(signal, timeoutMs);
      const ended = limited.signal;
      const init: RequestInit = {
        method: 'POST',
        headers: {
          ...options.headers,
          accept: 'application/graphql-response+json, application/json',
          'content-type': 'application/json',
        },
        body: JSON.stringify({ query: document.text, operationName: document.name, variables }),
        signal: ended,
      };
      const repeats = document.kind === 'query' ? 'REPEATABLE' : 'ONCE';
      const attempt = () => translated(ended, async () => parseAnswer<Data>(await send(options.url, init)));
      return retrying(policy, repeats, ended, attempt).finally(limited.release);
    },

    paginate(document, variables, pick, callOptions) {
      return listPages(async (after) => {
        const { data, errors } = await client.request(
          document,
          after === undefined ? variables : { ...variables, after },
          callOptions,
        );
        return { connection: pick(data), errors };
      });
    },

    async upload(url, body, { signal } = {}) {
      const ended = signal ?? new AbortController().signal;
      const isStream = body instanceof ReadableStream;
      // `duplex` is what the standard wants for a stream; the DOM types do not know it yet.
      const init: RequestInit & { duplex?: 'half' } = { method: 'PUT', body, signal: ended };
      if (isStream) init.duplex = 'half';
      await retrying(policy, isStream ? 'ONCE' : 'REPEATABLE', ended, () =>
        translated(ended, async () => {
          const response = await send(url, init);
          if (!response.ok) throw await readHttpError(response);
          await response.body?.cancel();
        }),
      );
    },
  };
  return client;
}

/** Runs one attempt; what fetch throws becomes a ClientError. */
async function translated<Result>(signal: AbortSignal, attempt: () => Promise<Result>): Promise<Result> {
  try {
    return await attempt();
  } catch (thrown) {
    if (thrown instanceof ClientError) throw thrown;
    if (signal.aborted) throw endedError(signal);
    throw new ClientError('SOURCE_UNAVAILABLE', 'The server does not answer or cut the connection', { cause: thrown });
  }
}

function endedError(signal: AbortSignal): ClientError {
  const reason: unknown = signal.reason;
  const isTimeout = reason instanceof DOMException && reason.name === 'TimeoutError';
  return isTimeout
    ? new ClientError('DEADLINE_EXCEEDED', 'The server took longer than the time given', { cause: reason })
    : new ClientError('CANCELLED', 'The request was cancelled', { cause: reason });
}

async function waitFor(durationMs: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(endedError(signal));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, durationMs);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
}
