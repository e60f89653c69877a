import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { isErrorCode } from '../core/errors.js';
import type { Logger } from '../core/log.js';

/** Apollo's own codes (@apollo/server/errors) in ours. A failed operation name or variable is the client's to correct. */
const FOREIGN_CODES: Readonly<Record<string, string>> = {
  GRAPHQL_PARSE_FAILED: 'BAD_INPUT',
  GRAPHQL_VALIDATION_FAILED: 'BAD_INPUT',
  BAD_USER_INPUT: 'BAD_INPUT',
  BAD_REQUEST: 'BAD_INPUT',
  OPERATION_RESOLUTION_FAILURE: 'BAD_INPUT',
  PERSISTED_QUERY_NOT_FOUND: 'UNSUPPORTED',
  PERSISTED_QUERY_NOT_SUPPORTED: 'UNSUPPORTED',
  INTERNAL_SERVER_ERROR: 'INTERNAL',
  DOWNSTREAM_SERVICE_ERROR: 'INTERNAL',
  GRAPHQL_DOWNSTREAM_SERVICE_ERROR: 'INTERNAL',
};

/** Extensions that tell of our inside, or that Apollo reads and the client need not. */
const HIDDEN_EXTENSIONS = ['stacktrace', 'exception', 'serviceName', 'http', 'originalError', 'cause'];

/**
 * An error as a client may see it. Codes of the table pass with message, position and path; so do codes that an
 * institution's own subgraph chose. Whatever has no such code is a fault of ours or theirs: INTERNAL, its place and source,
 * and the request id under which the log has the rest.
 */
export function maskError(error: GraphQLFormattedError, requestId?: string): GraphQLFormattedError {
  const { code: original, ...others } = error.extensions ?? {};
  const code = translateCode(original, error.message);
  const extensions: Record<string, unknown> = { code, ...others };
  for (const hidden of HIDDEN_EXTENSIONS) delete extensions[hidden];
  const place = {
    ...(error.locations ? { locations: error.locations } : {}),
    ...(error.path ? { path: error.path } : {}),
  };
  if (code !== 'INTERNAL') return { message: error.message, ...place, extensions };
  return {
    message: requestId === undefined ? 'Internal error' : `Internal error; the log has the cause under ${requestId}`,
    ...(error.path ? { path: error.path } : {}),
    extensions: {
      code,
      ...(typeof others.source === 'string' ? { source: others.source } : {}),
      ...(requestId === undefined ? {} : { requestId }),
    },
  };
}

function translateCode(code: unknown, message: string): string {
  if (typeof code !== 'string') return 'INTERNAL';
  // The parser has one kind of error; that it gave up because of our limit shows in its words only.
  if (code === 'GRAPHQL_PARSE_FAILED' && /contains more tha[nt] \d+ tokens/.test(message)) return 'LIMIT_EXCEEDED';
  // A subgraph that runs Apollo and finds the planner's query invalid: its schema is not the one that was composed.
  return isErrorCode(code) ? code : (FOREIGN_CODES[code] ?? code);
}

/** Apollo Server gives every error of validation the same code; one that a rule of ours chose is on the original. */
export function restoreCode(formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError {
  const original = thrown instanceof GraphQLError ? thrown.originalError : undefined;
  const code = original instanceof GraphQLError ? original.extensions.code : undefined;
  return isErrorCode(code) ? { ...formatted, extensions: { ...formatted.extensions, code } } : formatted;
}

/** Writes what maskError hides to the log, under the request id. */
export function logInternalErrors(errors: readonly unknown[], log: Logger): void {
  for (const error of errors) {
    const code = error instanceof GraphQLError ? error.extensions.code : undefined;
    if (typeof code !== 'string' || translateCode(code, '') === 'INTERNAL') {
      const original = error instanceof GraphQLError ? (error.originalError ?? error) : error;
      log.error({ error: original }, 'A request failed for a reason that the client was not told');
    }
  }
}
