import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { ERRORS, isErrorCode, SciclomaticError } from './errors.js';

/**
 * Translates between SciclomaticError and gRPC status. The code itself travels in the trailing metadata `sc-error-code`,
 * so that servers of others, which send a status only, are understood too.
 */
const CODE_KEY = 'sc-error-code';
const SOURCE_KEY = 'sc-error-source-bin';
const RETRY_KEY = 'sc-retry-after-ms';

/** Longest message sent, in UTF-16 code units: it travels in a header, percent-encoded, and headers over 16 KiB cut the call. */
const MAX_MESSAGE_LENGTH = 1000;

/** What a gRPC handler passes to its callback. */
export function toGrpcError(thrown: unknown): { code: number; details: string; metadata: Metadata } {
  const error = SciclomaticError.from(thrown);
  const metadata = new Metadata();
  metadata.set(CODE_KEY, error.code);
  if (error.source !== undefined) metadata.set(SOURCE_KEY, Buffer.from(error.source));
  if (error.retryAfterMs !== undefined) metadata.set(RETRY_KEY, String(Math.ceil(error.retryAfterMs)));
  return { code: ERRORS[error.code].grpcStatus, details: shorten(error.publicMessage), metadata };
}

/** Half of a surrogate pair cannot be percent-encoded, and grpc-js fails on it. */
function shorten(message: string): string {
  const short = message.length > MAX_MESSAGE_LENGTH ? `${message.slice(0, MAX_MESSAGE_LENGTH)}…` : message;
  return short.replaceAll(/\p{Surrogate}/gu, '\ufffd');
}

/** @param source the server that answered, for a status without a source of its own. */
export function fromGrpcError(thrown: unknown, source: string): SciclomaticError {
  if (thrown instanceof SciclomaticError) return thrown;
  if (!isServiceError(thrown)) return SciclomaticError.from(thrown, 'INTERNAL', { source });
  const sent = thrown.metadata.get(CODE_KEY)[0];
  const sentSource = thrown.metadata.get(SOURCE_KEY)[0];
  const retryAfter = Number(thrown.metadata.get(RETRY_KEY)[0]);
  const code = isErrorCode(sent) ? sent : codeOfStatus(thrown.code);
  return new SciclomaticError(code, plainDetails(thrown.details || thrown.message), {
    cause: thrown,
    source: sentSource === undefined ? source : sentSource.toString(),
    ...(Number.isFinite(retryAfter) && retryAfter > 0 ? { retryAfterMs: retryAfter } : {}),
  });
}

function isServiceError(thrown: unknown): thrown is ServiceError {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'number' && 'metadata' in thrown;
}

function codeOfStatus(code: number): keyof typeof ERRORS {
  switch (code) {
    case status.CANCELLED:
      return 'CANCELLED';
    case status.INVALID_ARGUMENT:
      return 'BAD_INPUT';
    case status.DEADLINE_EXCEEDED:
      return 'DEADLINE_EXCEEDED';
    case status.NOT_FOUND:
      return 'NOT_FOUND';
    case status.ALREADY_EXISTS:
    case status.FAILED_PRECONDITION:
    case status.ABORTED:
      return 'CONFLICT';
    case status.PERMISSION_DENIED:
      return 'FORBIDDEN';
    case status.RESOURCE_EXHAUSTED:
      return 'RATE_LIMITED';
    case status.OUT_OF_RANGE:
      return 'LIMIT_EXCEEDED';
    case status.UNIMPLEMENTED:
      return 'UNSUPPORTED';
    case status.UNAVAILABLE:
      return 'SOURCE_UNAVAILABLE';
    case status.UNAUTHENTICATED:
      return 'UNAUTHENTICATED';
    default:
      return 'SOURCE_INVALID_ANSWER';
  }
}

/** grpc-js tells how it resolved the name around what happened; people need what happened. */
function plainDetails(details: string): string {
  return details
    .replace(/^No connection established\. Last error: (?:Error: )?/, 'No connection: ')
    .replace(/\.? Resolution note:.*$/s, '');
}
