import { type Client, ClientError, createClient } from '../clients/typescript/client.js';
import type { AnswerError } from '../clients/typescript/client-error.js';
import { SciclomaticError } from '../core/errors.js';
import type { Output } from './output.js';

/** Where a command asks when it is told nothing else. */
export const DEFAULT_SERVER = 'http://127.0.0.1:4000';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly server: string;
  readonly json?: boolean;
  /** Seconds. */
  readonly timeout: number;
}

/** What a command works with. */
export interface Session {
  readonly client: Client;
  readonly output: Output;
  /** Origin of the gateway, without a slash at the end. */
  readonly server: string;
  /** Ends everything at Ctrl-C. */
  readonly signal: AbortSignal;
}

/** @throws BAD_INPUT when the server's address is none */
export function openSession(options: GlobalOptions, output: Output, signal: AbortSignal): Session {
  const server = parseServer(options.server);
  return {
    client: createClient({ url: `${server}/graphql`, timeoutMs: options.timeout * 1000 }),
    output,
    server,
    signal,
  };
}

function parseServer(text: string): string {
  try {
    const { protocol, origin, pathname } = new URL(text);
    const isWeb = protocol === 'http:' || protocol === 'https:';
    if (isWeb && ['/', '/graphql', '/graphql/'].includes(pathname)) return origin;
  } catch {
    // Falls through to the error.
  }
  throw new SciclomaticError(
    'BAD_INPUT',
    `--server (or $SC_SERVER) must be an http or https URL without a path, such as ${DEFAULT_SERVER}; not ${JSON.stringify(text)}`,
  );
}

/** The part of an answer that a command cannot do without. @throws the error that made it null */
export function required<Value>(
  value: Value | null | undefined,
  errors: readonly AnswerError[],
  what: string,
): NonNullable<Value> {
  if (value !== null && value !== undefined) return value;
  const [error] = errors;
  if (error) throw new ClientError(error.code, error.message, { source: error.source, errors });
  throw new ClientError('NOT_FOUND', `${what} does not exist`);
}
