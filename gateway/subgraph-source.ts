import { propagation, context as traceContext } from '@opentelemetry/api';
import type { GraphQLFormattedError } from 'graphql';
import { createBoundedCache } from '../core/bounded-cache.js';
import { REQUEST_ID_HEADER, remainingMs, TIMEOUT_HEADER } from '../core/call.js';
import type { CallerTokenSigner } from '../core/caller-token.js';
import { type ErrorCode, SciclomaticError } from '../core/errors.js';
import { type GatewayContext, PUBLIC_URL_HEADER } from './context.js';
import { failFetch, readAnswer } from './subgraph-answer.js';
import { createSubgraphBody, type JsonObject } from './subgraph-body.js';
import type { SubgraphAnswer, SubgraphEndpoint } from './subgraph-endpoint.js';

/** How a fetch ended; label of metrics. */
export type FetchOutcome = 'OK' | 'ERRORS' | ErrorCode;

export interface SubgraphSourceOptions {
  readonly endpoint: SubgraphEndpoint;
  readonly signer: CallerTokenSigner;
  /** Longest time for one fetch, in milliseconds; the client's deadline may be shorter. */
  readonly timeoutMs: number;
  /** Called once for every fetch. */
  readonly onFetch: (subgraph: string, outcome: FetchOutcome, durationMs: number) => void;
}

/** Texts of queries kept as JSON strings; a plan has one for each fetch and plans are remembered. */
const MAX_QUERIES = 2_000;

/** What every request to a subgraph carries: who asks, under which id, how long, and where the client reached us. */
export async function createSubgraphHeaders(
  context: GatewayContext,
  signer: CallerTokenSigner,
  timeoutMs?: number,
): Promise<Record<string, string>> {
  const headers: Record<string, string> = {
    authorization: `Bearer ${await signer.sign(context.caller)}`,
    [REQUEST_ID_HEADER]: context.call.requestId,
  };
  if (timeoutMs !== undefined) headers[TIMEOUT_HEADER] = String(timeoutMs);
  if (context.publicUrl) headers[PUBLIC_URL_HEADER] = context.publicUrl;
  // Writes traceparent when the process has set up tracing, else nothing.
  propagation.inject(traceContext.active(), headers);
  return headers;
}

/** One fetch of a plan. */
export interface SubgraphFetch {
  readonly query: string;
  readonly variables: Readonly<JsonObject>;
  readonly operationName: string | undefined;
  /** Where the fetched things stand in the client's answer, lists as `@`. */
  readonly path: readonly (string | number)[];
  readonly context: GatewayContext;
}

export interface FetchedData {
  readonly data: JsonObject | null;
  /** Paths are those of the fetch, `_entities` and all. */
  readonly errors?: readonly GraphQLFormattedError[];
}

/** One subgraph as a plan executor asks it. */
export interface SubgraphSource {
  /**
   * A subgraph that fails becomes null data and errors with `code` and `source`; errors that it reports keep theirs.
   * @throws GraphQLError when a fetch of entities failed as a whole, placed in the client's answer
   */
  fetch(fetch: SubgraphFetch): Promise<FetchedData>;
}

export function createSubgraphSource(options: SubgraphSourceOptions): SubgraphSource {
  const { endpoint, onFetch } = options;
  const queries = createBoundedCache<string, string>(MAX_QUERIES);
  return {
    fetch: async ({ query, variables, operationName, path, context }) => {
      const startedAt = performance.now();
      const ended = (outcome: FetchOutcome) => onFetch(endpoint.name, outcome, performance.now() - startedAt);
      try {
        const body = createSubgraphBody(query, variables, operationName, queries);
        const { data, errors } = readAnswer(await send(options, context, query, body.text), endpoint.name);
        ended(errors.length > 0 ? 'ERRORS' : 'OK');
        const expanded = body.expand(data) ?? null;
        return errors.length > 0 ? { data: expanded, errors: errors.map(body.expandError) } : { data: expanded };
      } catch (thrown) {
        const error = SciclomaticError.from(thrown, 'INTERNAL', { source: endpoint.name });
        ended(error.code);
        context.call.log.warn({ error, subgraph: endpoint.name }, 'A fetch from a subgraph failed');
        return failFetch(error, query, path);
      }
    },
  };
}

/** Asks once; a query whose connection was cut is asked once more, since a subgraph may close an idle one just as we use it. */
async function send(
  { endpoint, signer, timeoutMs }: SubgraphSourceOptions,
  context: GatewayContext,
  query: string,
  body: string,
): Promise<SubgraphAnswer> {
  const ask = async () => {
    const limitMs = Math.max(1, Math.ceil(Math.min(timeoutMs, remainingMs(context.call) ?? timeoutMs)));
    const headers = await createSubgraphHeaders(context, signer, limitMs);
    return endpoint.post({ body, headers, signal: context.call.signal, timeoutMs: limitMs });
  };
  try {
    return await ask();
  } catch (error) {
    if (query.startsWith('mutation') || !wasCut(error)) throw error;
    return ask();
  }
}

function wasCut(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof Error)) return false;
  const { code } = cause as NodeJS.ErrnoException;
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}
