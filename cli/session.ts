import { type Client, ClientError, createClient } from '../clients/typescript/client.js';
import type { AnswerError } from '../clients/typescript/client-error.js';
import { SciclomaticError } from '../core/errors.js';
import { Output } from './output.js';

/** Where a command asks when it is told nothing else. */
export const DEFAULT_SERVER = 'http://127.0.0.1:4000';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly server: string;
  readonly json: boolean;
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

export function openSession(options: GlobalOptions, signal: AbortSignal): Session {
  const server = parseServer(options.server);
  return {
    client: createClient({ url: `${server}/graphql`, timeoutMs: options.timeout * 1000 }),
    output: new Output(options.json),
    server,
    signal,
  };
}

function parseServer(text: string): string {
  try {
    const { protocol, origin } = new URL(text);
    if (protocol === 'http:' || protocol === 'https:') return origin;
  } catch {
    // Falls through to the error.
  }
  throw new SciclomaticError('BAD_INPUT', `--server must be an http or https URL, not ${JSON.stringify(text)}`);
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
