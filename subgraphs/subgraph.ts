import { readFileSync } from 'node:fs';
import { ApolloServer, HeaderMap, type HTTPGraphQLRequest } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type DocumentNode, GraphQLError, type GraphQLFormattedError, GraphQLScalarType, parse } from 'graphql';
import { type Call, createCall, parseTimeoutMs, REQUEST_ID_HEADER, TIMEOUT_HEADER } from '../core/call.js';
import { SciclomaticError } from '../core/errors.js';
import type { Logger } from '../core/log.js';

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
  const server = new ApolloServer<Context>({
    schema: buildSubgraphSchema({
      typeDefs: readSchema(schema.schemaUrl),
      resolvers: { ...scalars, ...schema.resolvers },
    }),
    csrfPrevention: false,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    plugins: [ApolloServerPluginInlineTraceDisabled()],
    formatError: (_formatted, thrown) => formatError(thrown, schema.name, options.log),
  });
  await server.start();
  return {
    fetch: async (request) => {
      try {
        await options.verifyCaller(request.headers.get('authorization'));
        return await answer(server, schema, request, options.log);
      } catch (thrown) {
        return refuse(SciclomaticError.from(thrown), schema.name, options.log);
      }
    },
    stop: () => server.stop(),
  };
}

export function readSchema(url: URL): DocumentNode {
  return parse(readFileSync(url, 'utf8'));
}

async function answer<Context extends RequestContext>(
  server: ApolloServer<Context>,
  schema: SubgraphSchema<Context>,
  request: Request,
  log: Logger,
): Promise<Response> {
  const call = createCall({
    log: log.child({ subgraph: schema.name }),
    requestId: request.headers.get(REQUEST_ID_HEADER),
    timeoutMs: parseTimeoutMs(request.headers.get(TIMEOUT_HEADER), MAX_REQUEST_MS),
    signal: request.signal,
  });
  const headers = new HeaderMap();
  for (const [name, value] of request.headers) headers.set(name, value);
  const httpGraphQLRequest: HTTPGraphQLRequest = {
    method: request.method,
    headers,
    search: new URL(request.url).search,
    body: request.method === 'POST' ? ((await request.json()) as unknown) : undefined,
  };
  const context = schema.createContext({ call, publicUrl: request.headers.get(PUBLIC_URL_HEADER) ?? '' });
  const {
    status,
    headers: answered,
    body,
  } = await server.executeHTTPGraphQLRequest({
    httpGraphQLRequest,
    context: () => Promise.resolve(context),
  });
  if (body.kind !== 'complete') throw new TypeError('A subgraph answers in one piece');
  return new Response(body.string, { status: status ?? 200, headers: [...answered] });
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
  if (error.code !== 'INTERNAL') return { message: error.message, ...place, extensions };
  log.error({ error: original, subgraph }, 'A resolver failed');
  return { message: 'Internal error; the server’s log has the cause', ...place, extensions };
}

function refuse(error: SciclomaticError, subgraph: string, log: Logger): Response {
  if (error.code === 'INTERNAL') log.error({ error, subgraph }, 'A request failed');
  const body = { errors: [{ message: error.message, extensions: { code: error.code, source: subgraph } }] };
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
