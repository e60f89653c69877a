/** One error of an answer. Where `path` is null it concerns the whole request, else the field that is null because of it. */
export interface AnswerError {
  /** Code of the error table (docs/errors.md). Codes are API: decide by them. */
  readonly code: string;
  /** For people; may change. */
  readonly message: string;
  /** Repository, peer, institution or subgraph that failed; null when the server names none. */
  readonly source: string | null;
  /** Field names and list positions from the root of the answer. */
  readonly path: readonly (string | number)[] | null;
  /** When a retry may succeed, in milliseconds; null when the server does not say. */
  readonly retryAfterMs: number | null;
}

export interface ClientErrorOptions {
  readonly cause?: unknown;
  readonly source?: string | null;
  /** Status of the HTTP answer; absent when there was none. */
  readonly httpStatus?: number | undefined;
  /** All errors of the answer. */
  readonly errors?: readonly AnswerError[];
  readonly retryAfterMs?: number | null;
}

/**
 * Why a request gave nothing. `code` is the server's own where it gave one; the client itself gives
 * SOURCE_UNAVAILABLE (no connection, or it was cut), DEADLINE_EXCEEDED, CANCELLED and SOURCE_INVALID_ANSWER.
 */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: string;
  readonly source: string | null;
  readonly httpStatus: number | null;
  readonly errors: readonly AnswerError[];
  readonly retryAfterMs: number | null;

  constructor(code: string, message: string, options: ClientErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.source = options.source ?? null;
    this.httpStatus = options.httpStatus ?? null;
    this.errors = options.errors ?? [];
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}
