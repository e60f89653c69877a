import { setTimeout as wait } from 'node:timers/promises';
import { Agent, type Dispatcher, type Response, fetch as undiciFetch } from 'undici';
import { assertActive, type Call } from '../../core/call.js';
import { type ErrorCode, SciclomaticError } from '../../core/errors.js';

/** Time as the client sees it; tests pass their own so that no test waits. */
export interface SourceClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after that many milliseconds, or rejects when the signal ends it. */
  sleep(durationMs: number, signal: AbortSignal): Promise<void>;
}

const systemClock: SourceClock = {
  now: () => Date.now(),
  sleep: (durationMs, signal) => wait(durationMs, undefined, { signal }),
};

export interface SourceClientOptions {
  /** Id of the repository, named in every error. */
  readonly source: string;
  /** Sent as `Authorization: Bearer`, only to the origin of `tokenOrigin`. */
  readonly token?: string | undefined;
  /** Origin that may see the token, e.g. `https://zenodo.org`. */
  readonly tokenOrigin?: string | undefined;
  readonly clock?: SourceClock | undefined;
}

interface SourceRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Statuses that come back as an answer besides 2xx, e.g. 422; all others are thrown. */
  readonly acceptedStatuses?: readonly number[] | undefined;
}

interface SourceBody {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** Where the answer came from, after redirects. */
  readonly url: string;
  /** Pieces in order. Leaving the loop early closes the connection. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

interface SourceText extends Omit<SourceBody, 'bytes'> {
  readonly text: string;
}

/**
 * HTTP GET against one source, with that source's manners: redirects are followed (at most MAX_REDIRECTS), 429 and 503
 * are tried again after Retry-After, and when an answer says `X-RateLimit-Remaining: 0` the next request waits until
 * `X-RateLimit-Reset` (epoch seconds). A wait that would outlast the call fails at once as RATE_LIMITED or
 * SOURCE_UNAVAILABLE with `retryAfterMs`. `Retry-After` beside a 2xx is no error: Zenodo sends it with every answer.
 */
export interface SourceClient {
  /** @throws NOT_FOUND, FORBIDDEN, UNAUTHENTICATED, RATE_LIMITED, SOURCE_UNAVAILABLE, SOURCE_INVALID_ANSWER, DEADLINE_EXCEEDED, CANCELLED */
  openBody(request: SourceRequest, call: Call): Promise<SourceBody>;
  /** The body as UTF-8. @throws as openBody, and SOURCE_INVALID_ANSWER when it is longer than maximumBytes */
  readText(request: SourceRequest, maximumBytes: number, call: Call): Promise<SourceText>;
  close(): Promise<void>;
}

const MAX_REDIRECTS = 5;
const MAX_ATTEMPTS = 5;
/** Longest wait for a source when the call itself has no limit. */
const MAX_WAIT_MS = 15 * 60_000;
/** First wait after a 503 without Retry-After; doubles each time. */
const FIRST_BACKOFF_MS = 1_000;
/** Longest silence of a source, before and within a body. */
const SILENCE_TIMEOUT_MS = 60_000;
const USER_AGENT = 'sciclomatic-harvester';

export function createSourceClient(options: SourceClientOptions): SourceClient {
  return new HttpSourceClient(options);
}

class HttpSourceClient implements SourceClient {
  readonly #options: SourceClientOptions;
  readonly #clock: SourceClock;
  readonly #agent: Dispatcher = new Agent({
    headersTimeout: SILENCE_TIMEOUT_MS,
    bodyTimeout: SILENCE_TIMEOUT_MS,
    connectTimeout: 10_000,
  });
  /** No request before this time, milliseconds since the epoch: the source said that the quota is used up. */
  #quotaResetAt = 0;
  #closed = false;

  constructor(options: SourceClientOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  async openBody(request: SourceRequest, call: Call): Promise<SourceBody> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#waitForQuota(call);
      const exchange = new Exchange(call);
      const { response, url } = await this.#followRedirects(request, exchange);
      this.#readQuota(response);
      if (response.ok || request.acceptedStatuses?.includes(response.status)) {
        const bytes = this.#readBytes(response, url, exchange);
        return { status: response.status, headers: response.headers, url, bytes };
      }
      await discard(response);
      exchange.end();
      const failure = this.#describeFailure(response, url, attempt);
      if (!failure.retryable || attempt === MAX_ATTEMPTS) throw failure;
      await this.#waitOrFail(failure.retryAfterMs ?? FIRST_BACKOFF_MS, failure, call);
    }
  }

  async readText(request: SourceRequest, maximumBytes: number, call: Call): Promise<SourceText> {
    const { bytes, ...answer } = await this.openBody(request, call);
    const pieces: Uint8Array[] = [];
    let length = 0;
    for await (const piece of bytes) {
      length += piece.byteLength;
      if (length > maximumBytes) {
        throw this.#error('SOURCE_INVALID_ANSWER', `${answer.url} answered more than ${maximumBytes} bytes`);
      }
      pieces.push(piece);
    }
    return { ...answer, text: Buffer.concat(pieces, length).toString('utf8') };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#agent.destroy();
  }

  async #followRedirects(request: SourceRequest, exchange: Exchange): Promise<{ response: Response; url: string }> {
    let url = request.url;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const response = await this.#send(url, request, exchange);
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || response.status === 304 || location === null) {
        return { response, url };
      }
      await discard(response);
      const target = URL.canParse(location, url) ? new URL(location, url) : undefined;
      if (target?.protocol !== 'https:' && target?.protocol !== 'http:') {
        throw this.#error('SOURCE_INVALID_ANSWER', `${url} redirects to something that is no web address`);
      }
      url = target.href;
    }
    throw this.#error('SOURCE_INVALID_ANSWER', `${request.url} redirects more than ${MAX_REDIRECTS} times`);
  }

  async #send(url: string, request: SourceRequest, exchange: Exchange): Promise<Response> {
    assertActive(exchange.call);
    const { token, tokenOrigin } = this.#options;
    const mayHaveToken = token !== undefined && tokenOrigin !== undefined && new URL(url).origin === tokenOrigin;
    try {
      return await undiciFetch(url, {
        dispatcher: this.#agent,
        redirect: 'manual',
        signal: exchange.signal,
        headers: {
          'user-agent': USER_AGENT,
          ...request.headers,
          ...(mayHaveToken ? { authorization: `Bearer ${token}` } : {}),
        },
      });
    } catch (error) {
      exchange.end();
      throw this.#translate(error, url, exchange.call);
    }
  }

  async *#readBytes(response: Response, url: string, exchange: Exchange): AsyncGenerator<Uint8Array> {
    try {
      if (response.body === null) return;
      for await (const piece of response.body) yield piece as Uint8Array;
    } catch (error) {
      throw this.#translate(error, url, exchange.call);
    } finally {
      exchange.end();
    }
  }

  #readQuota(response: Response): void {
    const remaining = response.headers.get('x-ratelimit-remaining');
    const resetSeconds = Number(response.headers.get('x-ratelimit-reset'));
    if (remaining !== null && Number(remaining) === 0 && Number.isFinite(resetSeconds)) {
      this.#quotaResetAt = resetSeconds * 1000;
    }
  }

  async #waitForQuota(call: Call): Promise<void> {
    const waitMs = this.#quotaResetAt - this.#clock.now();
    if (waitMs <= 0) return;
    const failure = this.#error('RATE_LIMITED', 'The quota of requests is used up', { retryAfterMs: waitMs });
    await this.#waitOrFail(waitMs, failure, call);
  }

  async #waitOrFail(waitMs: number, failure: SciclomaticError, call: Call): Promise<void> {
    const availableMs = call.deadlineAt === undefined ? MAX_WAIT_MS : call.deadlineAt - this.#clock.now();
    if (waitMs > availableMs) throw failure;
    call.log.info({ source: this.#options.source, waitMs, reason: failure.message }, 'Waiting for a source');
    try {
      await this.#clock.sleep(waitMs, call.signal);
    } catch (error) {
      assertActive(call);
      throw SciclomaticError.from(error);
    }
  }

  #describeFailure(response: Response, url: string, attempt: number): SciclomaticError {
    const message = `${url} answered ${response.status}`;
    switch (response.status) {
      case 401:
        return this.#error('UNAUTHENTICATED', message);
      case 403:
        return this.#error('FORBIDDEN', message);
      case 404:
      case 410:
        return this.#error('NOT_FOUND', message);
      case 429:
        return this.#error('RATE_LIMITED', message, { retryAfterMs: this.#retryAfterMs(response, attempt) });
      case 502:
      case 503:
      case 504:
        return this.#error('SOURCE_UNAVAILABLE', message, { retryAfterMs: this.#retryAfterMs(response, attempt) });
      default:
        return response.status >= 500
          ? this.#error('SOURCE_UNAVAILABLE', message, { retryAfterMs: this.#retryAfterMs(response, attempt) })
          : this.#error('SOURCE_INVALID_ANSWER', message);
    }
  }

  /** Seconds or an HTTP date (RFC 9110 §10.2.3); a growing pause when the source names none. */
  #retryAfterMs(response: Response, attempt: number): number {
    const value = response.headers.get('retry-after')?.trim() ?? '';
    if (/^\d+$/.test(value)) return Number(value) * 1000;
    const date = Date.parse(value);
    if (!Number.isNaN(date)) return Math.max(0, date - this.#clock.now());
    return FIRST_BACKOFF_MS * 2 ** (attempt - 1);
  }

  /** undici hides what happened to the socket in `cause`; a call that ended explains every failure after it. */
  #translate(error: unknown, url: string, call: Call): SciclomaticError {
    if (call.signal.aborted) return SciclomaticError.from(call.signal.reason, 'CANCELLED');
    if (error instanceof SciclomaticError) return error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return this.#error('SOURCE_UNAVAILABLE', `${url} cannot be read: ${reason}`, { cause: error });
  }

  #error(code: ErrorCode, message: string, details: { cause?: unknown; retryAfterMs?: number } = {}): SciclomaticError {
    return new SciclomaticError(code, message, { source: this.#options.source, ...details });
  }
}

/**
 * One request and its answer. A harvest makes thousands within one call: each lets go of the call's signal when it is
 * over, which `fetch` alone does only when memory is collected.
 */
class Exchange {
  readonly call: Call;
  readonly #controller = new AbortController();
  readonly #abort = () => this.#controller.abort(this.call.signal.reason);

  constructor(call: Call) {
    this.call = call;
    assertActive(call);
    call.signal.addEventListener('abort', this.#abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    this.call.signal.removeEventListener('abort', this.#abort);
  }
}

/** Frees the connection of an answer that nobody reads. */
async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}
