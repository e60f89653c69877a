import { readFileSync } from 'node:fs';
import {
  ApolloServer,
  type ApolloServerPlugin,
  type GraphQLRequestListener,
  HeaderMap,
  type HTTPGraphQLRequest,
} from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type DocumentNode, GraphQLError, type GraphQLFormattedError, GraphQLScalarType, parse } from 'graphql';
import { type Call, createCall, endCall, parseTimeoutMs, REQUEST_ID_HEADER, TIMEOUT_HEADER } from '../core/call.js';
import { type ErrorCode, SciclomaticError } from '../core/errors.js';
import type { Logger } from '../core/log.js';
import { createDurations } from '../core/metrics.js';
import { extractTrace, headersGetter, SpanKind, startSpan } from '../core/tracing.js';

const durations = createDurations({
  name: 'sc_subgraph_request_duration_seconds',
  help: 'Time of one GraphQL request to a subgraph, by subgraph and outcome: OK, ERRORS (answered with errors), or the code of the refusal.',
  labelNames: ['subgraph', 'outcome'],
});

/** Longest time that a subgraph works on one request, in milliseconds, when the gateway names none. */
const MAX_REQUEST_MS = 60_000;

/** Origin under which the client reached the gateway; links in answers begin with it. */
export const PUBLIC_URL_HEADER = 'x-sc-public-url';

/** What every resolver of every subgraph is given, beside the subgraph's own loaders. */
export interface RequestContext {
  readonly call: Call;
  /** Without a slash at the end; empty when unknown: links are then relative. */
  readonly publicUrl: string;
}

/** Who is asking, as the gateway's signed token says. */
export type VerifyCaller = (authorization: string | null) => Promise<void>;

export interface SubgraphSchema<Context extends RequestContext> {
  readonly name: string;
  /** Where schema.graphql stands. */
  readonly schemaUrl: URL;
  readonly resolvers: object;
  createContext(request: RequestContext): Context;
}

/** Answers GraphQL over HTTP for one subgraph; the same function in one process and behind a socket. */
export interface SubgraphGraphQL {
  fetch(request: Request): Promise<Response>;
  stop(): Promise<void>;
}

/** @param verifyCaller refuses requests that do not come from the gateway, with UNAUTHENTICATED */
export async function createSubgraphGraphQL<Context extends RequestContext>(
  schema: SubgraphSchema<Context>,
  options: { readonly log: Logger; readonly verifyCaller: VerifyCaller },
): Promise<SubgraphGraphQL> {
  const failed = new WeakSet<RequestContext>();
  const server = new ApolloServer<Context>({
    schema: buildSubgraphSchema({
      typeDefs: readSchema(schema.schemaUrl),
      resolvers: { ...scalars, ...schema.resolvers },
    }),
    csrfPrevention: false,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    plugins: [ApolloServerPluginInlineTraceDisabled(), noteErrors(failed)],
    formatError: (_formatted, thrown) => formatError(thrown, schema.name, options.log),
  });
  await server.start();
  return {
    fetch: (request) =>
      observe(schema.name, request, async () => {
        try {
          await options.verifyCaller(request.headers.get('authorization'));
          return await answer(server, schema, request, options.log, failed);
        } catch (thrown) {
          const error = SciclomaticError.from(thrown);
          return { response: refuse(error, schema.name, options.log), outcome: error.code };
        }
      }),
    stop: () => server.stop(),
  };
}

export function readSchema(url: URL): DocumentNode {
  return parse(readFileSync(url, 'utf8'));
}

interface Answered {
  readonly response: Response;
  readonly outcome: 'OK' | 'ERRORS' | ErrorCode;
}

/** Counts, times and traces a request, as a part of its caller's trace. */
async function observe(subgraph: string, request: Request, work: () => Promise<Answered>): Promise<Response> {
  const startedAt = performance.now();
  const attributes = { 'http.request.method': request.method, 'sciclomatic.subgraph': subgraph };
  const traced = startSpan(request.method, SpanKind.SERVER, attributes, extractTrace(request.headers, headersGetter));
  const { response, outcome } = await traced.run(work);
  durations.observe({ subgraph, outcome }, (performance.now() - startedAt) / 1000);
  const { status } = response;
  traced.end({ 'http.response.status_code': status }, status >= 500 ? String(status) : undefined);
  return response;
}

/** Remembers the requests whose answers hold errors. */
function noteErrors(failed: WeakSet<RequestContext>): ApolloServerPlugin<RequestContext> {
  const listener: GraphQLRequestListener<RequestContext> = {
    willSendResponse: async ({ contextValue, response: { body } }) => {
      if (body.kind === 'single' && body.singleResult.errors) failed.add(contextValue);
    },
  };
  return { requestDidStart: () => Promise.resolve(listener) };
}

async function answer<Context extends RequestContext>(
  server: ApolloServer<Context>,
  schema: SubgraphSchema<Context>,
  request: Request,
  log: Logger,
  failed: WeakSet<RequestContext>,
): Promise<Answered> {
  const call = createCall({
    log: log.child({ subgraph: schema.name }),
    requestId: request.headers.get(REQUEST_ID_HEADER),
    timeoutMs: parseTimeoutMs(request.headers.get(TIMEOUT_HEADER), MAX_REQUEST_MS),
    signal: request.signal,
  });
  try {
    const context = schema.createContext({ call, publicUrl: request.headers.get(PUBLIC_URL_HEADER) ?? '' });
    const { status, headers, body } = await server.executeHTTPGraphQLRequest({
      httpGraphQLRequest: await readGraphQLRequest(request),
      context: () => Promise.resolve(context),
    });
    if (body.kind !== 'complete') throw new TypeError('A subgraph answers in one piece');
    const response = new Response(body.string, { status: status ?? 200, headers: [...headers] });
    return { response, outcome: failed.has(context) ? 'ERRORS' : 'OK' };
  } finally {
    endCall(call);
  }
}

async function readGraphQLRequest(request: Request): Promise<HTTPGraphQLRequest> {
  const headers = new HeaderMap();
  for (const [name, value] of request.headers) headers.set(name, value);
  return {
    method: request.method,
    headers,
    search: new URL(request.url).search,
    body: request.method === 'POST' ? ((await request.json()) as unknown) : undefined,
  };
}

/** Codes and sources pass; what is not ours is logged and masked. */
function formatError(thrown: unknown, subgraph: string, log: Logger): GraphQLFormattedError {
  const outer = thrown instanceof GraphQLError ? thrown : new GraphQLError(String(thrown));
  const original: unknown = outer.originalError ?? (thrown instanceof GraphQLError ? undefined : thrown);
  const place = {
    ...(outer.locations ? { locations: outer.locations } : {}),
    ...(outer.path ? { path: outer.path } : {}),
  };
  if (original === undefined || original instanceof GraphQLError) {
    return { message: outer.message, ...place, extensions: { code: 'BAD_INPUT', source: subgraph } };
  }
  const error = SciclomaticError.from(original);
  const extensions = {
    code: error.code,
    source: error.source ?? subgraph,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  };
  if (error.code === 'INTERNAL') log.error({ error: original, subgraph }, 'A resolver failed');
  return { message: error.publicMessage, ...place, extensions };
}

function refuse(error: SciclomaticError, subgraph: string, log: Logger): Response {
  if (error.code === 'INTERNAL') log.error({ error, subgraph }, 'A request failed');
  const body = { errors: [{ message: error.publicMessage, extensions: { code: error.code, source: subgraph } }] };
  return Response.json(body, { status: error.httpStatus });
}

const scalars = {
  Instant: new GraphQLScalarType({ name: 'Instant' }),
  Int64: new GraphQLScalarType({ name: 'Int64', serialize: parseInt64, parseValue: parseInt64 }),
};

function parseInt64(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new GraphQLError(`Int64 must be a whole number from 0 to 2^53 - 1, not ${String(value)}`);
  }
  return value;
}
