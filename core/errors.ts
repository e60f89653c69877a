/**
 * The one error class of the house and the closed table of its codes.
 * Codes are API and stable for ever; messages are for people and may change.
 * `docs/errors.md` is printed from this table (`npm run generate`).
 */

/** gRPC status numbers (grpc/grpc: doc/statuscodes.md) that the table maps to. */
const GRPC = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export interface ErrorDescription {
  /** What happened, in one sentence. */
  readonly meaning: string;
  /** What the caller should do about it. */
  readonly callerShould: string;
  /** Whether the same request may succeed later without a change. */
  readonly retryable: boolean;
  readonly httpStatus: number;
  readonly grpcStatus: number;
}

const describe = (
  meaning: string,
  callerShould: string,
  httpStatus: number,
  grpcStatus: number,
  retryable = false,
): ErrorDescription => ({ meaning, callerShould, retryable, httpStatus, grpcStatus });

export const ERRORS = {
  BAD_INPUT: describe(
    'An argument is missing, malformed or out of range.',
    'Correct the argument that the message names.',
    400,
    GRPC.INVALID_ARGUMENT,
  ),
  MALFORMED_ID: describe(
    'An id does not have the form <repository>:<local id>, or a part of it holds a forbidden character.',
    'Use an id exactly as the API returned it.',
    400,
    GRPC.INVALID_ARGUMENT,
  ),
  BAD_CURSOR: describe(
    'A cursor was not issued by this list, or was altered.',
    'Use a cursor from pageInfo or edges of the same list, or start without one.',
    400,
    GRPC.INVALID_ARGUMENT,
  ),
  CURSOR_EXPIRED: describe(
    'The index generation that a relevance cursor belongs to is gone.',
    'Start again from the first page, or sort by id, which resumes for ever.',
    410,
    GRPC.FAILED_PRECONDITION,
  ),
  LIMIT_EXCEEDED: describe(
    'A page size, a depth or a count is over its documented maximum.',
    'Ask for less; the maximum is in the message and in the schema.',
    400,
    GRPC.OUT_OF_RANGE,
  ),
  REQUEST_TOO_LARGE: describe(
    'The request body or a message is larger than the server accepts.',
    'Send a smaller request; files are uploaded to the URL that createUploads returns.',
    413,
    GRPC.RESOURCE_EXHAUSTED,
  ),
  UNKNOWN_REPOSITORY: describe(
    'No repository of that id is known here.',
    'List the repositories; check the spelling.',
    404,
    GRPC.NOT_FOUND,
  ),
  NOT_FOUND: describe(
    'No thing of that id exists here.',
    'Check the id; it may have been withdrawn by its source.',
    404,
    GRPC.NOT_FOUND,
  ),
  UNSUPPORTED: describe(
    'The adapter does not offer this operation; its supports manifest says so.',
    'Ask only for what supports lists.',
    501,
    GRPC.UNIMPLEMENTED,
  ),
  UNAUTHENTICATED: describe(
    'The caller token or the signed link is missing, expired or wrongly signed.',
    'Ask through the gateway; fetch a fresh link.',
    401,
    GRPC.UNAUTHENTICATED,
  ),
  FORBIDDEN: describe(
    'The caller is known and may not do this.',
    'Ask the institution that owns the dataset.',
    403,
    GRPC.PERMISSION_DENIED,
  ),
  CONFLICT: describe(
    'The request contradicts what is already recorded.',
    'Read the present state and decide again.',
    409,
    GRPC.ALREADY_EXISTS,
  ),
  RATE_LIMITED: describe(
    'The source asked us to slow down.',
    'Wait for the time in the message, then retry.',
    429,
    GRPC.RESOURCE_EXHAUSTED,
    true,
  ),
  DEADLINE_EXCEEDED: describe(
    'The time given to the request ran out.',
    'Retry, ask for less, or give more time.',
    504,
    GRPC.DEADLINE_EXCEEDED,
    true,
  ),
  CANCELLED: describe('The caller ended the request.', 'Nothing; retry if it was not meant.', 499, GRPC.CANCELLED),
  SOURCE_UNAVAILABLE: describe(
    'A repository, peer or subgraph does not answer or cut the connection.',
    'Retry later; the rest of the answer stands.',
    503,
    GRPC.UNAVAILABLE,
    true,
  ),
  SOURCE_INVALID_ANSWER: describe(
    'A source answered something that its protocol does not allow.',
    'Report it to the source; nothing of that answer was kept.',
    502,
    GRPC.DATA_LOSS,
  ),
  CHECKSUM_MISMATCH: describe(
    'Bytes do not hash to the checksum or chunk id that names them.',
    'Fetch from another copy; the bytes were discarded.',
    502,
    GRPC.DATA_LOSS,
    true,
  ),
  FILE_CHANGED: describe(
    'A file changed while it was being read.',
    'Submit again when nothing writes to the file.',
    409,
    GRPC.ABORTED,
    true,
  ),
  UNSAFE_PATH: describe(
    'A path is absolute, holds "..", a NUL, or names that cannot be stored safely.',
    'Rename the file; paths are relative, with / between parts.',
    400,
    GRPC.INVALID_ARGUMENT,
  ),
  STORAGE_FULL: describe(
    'The disk or the quota of a peer is full; nothing was half written.',
    'Free space or raise the quota, then retry.',
    507,
    GRPC.RESOURCE_EXHAUSTED,
    true,
  ),
  DATA_CORRUPT: describe(
    'A stored file fails its own checksum or cannot be parsed.',
    'Restore it from another copy; the part that fails is named.',
    500,
    GRPC.DATA_LOSS,
  ),
  SIGNATURE_INVALID: describe(
    'A signature does not verify with the key that it names.',
    'Do not trust the record; ask its signer.',
    422,
    GRPC.FAILED_PRECONDITION,
  ),
  PROOF_INVALID: describe(
    'An inclusion or consistency proof does not lead to the signed root.',
    'Do not trust the log that gave it; keep both as evidence.',
    422,
    GRPC.FAILED_PRECONDITION,
  ),
  LEASE_EXPIRED: describe(
    'The lease of a registered adapter ended before its heartbeat came.',
    'Register again.',
    409,
    GRPC.FAILED_PRECONDITION,
  ),
  NOT_READY: describe(
    'The part is starting and cannot answer yet.',
    'Retry in a second; /health/ready says when.',
    503,
    GRPC.UNAVAILABLE,
    true,
  ),
  CONFIG_INVALID: describe(
    'The configuration has unknown or wrong settings; all of them are listed.',
    'Correct the settings that the message lists.',
    500,
    GRPC.FAILED_PRECONDITION,
  ),
  INTERNAL: describe(
    'A fault of this program.',
    'Report it with the request id; the log has the cause.',
    500,
    GRPC.INTERNAL,
  ),
} as const satisfies Record<string, ErrorDescription>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorOptions {
  /** The error that led to this one; kept for the log, never shown to a caller. */
  readonly cause?: unknown;
  /** Which repository, peer, institution or subgraph it concerns. */
  readonly source?: string;
  /** When a retry may succeed, in milliseconds from now. */
  readonly retryAfterMs?: number;
}

/** Every failure that leaves a part of the house is one of these. */
export class SciclomaticError extends Error {
  override readonly name = 'SciclomaticError';
  readonly code: ErrorCode;
  readonly source: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.source = options.source;
    this.retryAfterMs = options.retryAfterMs;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }

  get httpStatus(): number {
    return ERRORS[this.code].httpStatus;
  }

  /** What a caller may be told: a fault of ours keeps its words for the log, because they may name paths. */
  get publicMessage(): string {
    return this.code === 'INTERNAL' ? 'Internal error; the server’s log has the cause' : this.message;
  }

  /** Turns anything thrown into a SciclomaticError; one that already is comes back unchanged. */
  static from(thrown: unknown, code: ErrorCode = 'INTERNAL', options: ErrorOptions = {}): SciclomaticError {
    if (thrown instanceof SciclomaticError) return thrown;
    const known = nodeErrorCode(thrown) ?? code;
    const words = thrown instanceof Error ? thrown.message : String(thrown);
    // Node's own words name the file, which is no client's business.
    const message = known === 'STORAGE_FULL' && known !== code ? 'No space is left on the disk' : words;
    return new SciclomaticError(known, message, { cause: thrown, ...options });
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value);
}

/** Node's own failures whose meaning does not depend on the place where they happen. */
function nodeErrorCode(thrown: unknown): ErrorCode | undefined {
  // By shape, not by instanceof: a DOMException of another realm (jest, vm) is no instance of this realm's Error.
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const { name, code } = thrown as Partial<NodeJS.ErrnoException>;
  if (name === 'TimeoutError') return 'DEADLINE_EXCEEDED';
  if (name === 'AbortError') return 'CANCELLED';
  // fetch hides what happened to the connection in the cause of a TypeError.
  if (name === 'TypeError' && code === undefined) return nodeErrorCode((thrown as Partial<Error>).cause);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'STORAGE_FULL';
    case 'ECONNREFUSED':
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'ECONNABORTED':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
    case 'UND_ERR_SOCKET':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return 'SOURCE_UNAVAILABLE';
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return 'DEADLINE_EXCEEDED';
    default:
      return undefined;
  }
}
