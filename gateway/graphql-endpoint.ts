import { ApolloServer, type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { type Call, createCall, endCall, parseTimeoutMs, REQUEST_ID_HEADER, TIMEOUT_HEADER } from '../core/call.js';
import { ANONYMOUS_CALLER } from '../core/caller-token.js';
import { SciclomaticError } from '../core/errors.js';
import type { Logger } from '../core/log.js';
import { type GatewayContext, readPublicUrl } from './context.js';
import type { PlanExecutor } from './execute.js';
import { createFederation } from './federation.js';
import { createLimitsRule, type GatewayLimits } from './limits.js';
import { logInternalErrors, maskError, restoreCode } from './mask-errors.js';
import type { GatewayMetrics, RequestOutcome } from './metrics.js';
import type { Supergraph } from './supergraph.js';

/** A GraphQL request as HTTP brought it, whichever server read it. */
export interface GraphqlRequest {
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Iterable<readonly [string, string]>;
  /** With its question mark, or empty. */
  readonly search: string;
  /** Text of the body; read up to the limit. */
  readonly body: string;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
}

export interface GraphqlAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** GraphQL over HTTP, apart from sockets. */
export interface GraphqlEndpoint {
  /** Never rejects. */
  answer(request: GraphqlRequest): Promise<GraphqlAnswer>;
  stop(): Promise<void>;
}

export interface GraphqlEndpointOptions {
  readonly supergraph: Supergraph;
  readonly executor: PlanExecutor;
  readonly limits: GatewayLimits;
  /** Longest time for one request, in milliseconds; a client may ask for less with x-sc-timeout-ms. */
  readonly maxRequestMs: number;
  readonly publicUrl: string | undefined;
  readonly metrics: GatewayMetrics;
  readonly log: Logger;
}

/** Apollo Server behind our own HTTP: CSRF prevention, validation, limits, masking. Reporting and landing page are off. */
export async function createGraphqlEndpoint(options: GraphqlEndpointOptions): Promise<GraphqlEndpoint> {
  const { limits, metrics, log } = options;
  /** By call, since Apollo Server hands copies of the context around. */
  const outcomes = new WeakMap<Call, RequestOutcome>();
  const write = (level: 'debug' | 'info' | 'warn' | 'error') => (message?: unknown) => log[level]({}, String(message));
  const apollo = new ApolloServer<GatewayContext>({
    gateway: createFederation(options.supergraph, options.executor),
    // Fixed here, so that nothing depends on NODE_ENV or on variables for Apollo's cloud.
    nodeEnv: 'production',
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    persistedQueries: false,
    csrfPrevention: true,
    parseOptions: { maxTokens: limits.maxTokens },
    validationRules: [createLimitsRule(limits)],
    stringifyResult: (result) => JSON.stringify(result),
    formatError: (formatted, thrown) => maskError(restoreCode(formatted, thrown)),
    logger: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      createAnswerPlugin(outcomes),
    ],
  });
  await apollo.start();
  return {
    answer: async (request) => {
      const startedAt = performance.now();
      const headers = new HeaderMap();
      for (const [name, value] of request.headers) headers.set(name, value);
      const context = createContext(options, headers, request.signal);
      const answer = await execute(apollo, request, headers, context).finally(() => endCall(context.call));
      metrics.requestEnded(outcomes.get(context.call) ?? 'FAILED', performance.now() - startedAt);
      return answer;
    },
    stop: () => apollo.stop(),
  };
}

function createContext(options: GraphqlEndpointOptions, headers: HeaderMap, signal: AbortSignal): GatewayContext {
  return {
    call: createCall({
      log: options.log,
      requestId: headers.get(REQUEST_ID_HEADER),
      timeoutMs: parseTimeoutMs(headers.get(TIMEOUT_HEADER), options.maxRequestMs),
      signal,
    }),
    caller: ANONYMOUS_CALLER,
    publicUrl: readPublicUrl(options.publicUrl, headers.get('host')),
  };
}

async function execute(
  apollo: ApolloServer<GatewayContext>,
  request: GraphqlRequest,
  headers: HeaderMap,
  context: GatewayContext,
): Promise<GraphqlAnswer> {
  const { requestId, log } = context.call;
  try {
    const {
      status,
      headers: answered,
      body,
    } = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: request.method,
        headers,
        search: request.search,
        body: readJsonBody(request, headers.get('content-type')),
      },
      context: () => Promise.resolve(context),
    });
    if (body.kind !== 'complete') throw new TypeError('This gateway answers in one piece');
    return {
      status: status ?? 200,
      headers: { 'cache-control': 'no-store', ...Object.fromEntries(answered), [REQUEST_ID_HEADER]: requestId },
      body: body.string,
    };
  } catch (thrown) {
    const error = SciclomaticError.from(thrown);
    if (error.code === 'INTERNAL') log.error({ error }, 'A GraphQL request failed');
    return refuseGraphql(error, requestId);
  }
}

/** The answer to a request that never became a GraphQL operation. */
export function refuseGraphql(error: SciclomaticError, requestId?: string): GraphqlAnswer {
  const masked = maskError({ message: error.message, extensions: { code: error.code } }, requestId);
  return {
    status: error.httpStatus,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      ...(requestId === undefined ? {} : { [REQUEST_ID_HEADER]: requestId }),
    },
    body: JSON.stringify({ errors: [masked] }),
  };
}

/** undefined for what is no JSON: Apollo Server then says so, after its check for cross-site requests. */
function readJsonBody({ method, body }: GraphqlRequest, contentType: string | undefined): unknown {
  if (method !== 'POST' || !contentType || !/^application\/(?:[\w.-]+\+)?json\b/i.test(contentType)) return undefined;
  try {
    return JSON.parse(body);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new SciclomaticError('BAD_INPUT', `The body is not JSON: ${message}`, { cause: error });
  }
}

/** Puts the request id into masked errors, logs what they hide, and notes how the request ended. */
function createAnswerPlugin(outcomes: WeakMap<Call, RequestOutcome>): ApolloServerPlugin<GatewayContext> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        willSendResponse: ({ contextValue, response, errors }) => {
          if (response.body.kind !== 'single') return Promise.resolve();
          const { singleResult } = response.body;
          const { call } = contextValue;
          outcomes.set(call, 'OK');
          if (singleResult.errors && singleResult.errors.length > 0) {
            outcomes.set(call, singleResult.data ? 'PARTIAL' : 'FAILED');
            logInternalErrors(errors ?? [], call.log);
            singleResult.errors = singleResult.errors.map((error) => maskError(error, call.requestId));
          }
          return Promise.resolve();
        },
      }),
  };
}
