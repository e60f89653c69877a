import { type Context, Hono } from 'hono';
import { createCall, REQUEST_ID_HEADER } from '../core/call.js';
import { ANONYMOUS_CALLER, type CallerTokenSigner } from '../core/caller-token.js';
import { SciclomaticError } from '../core/errors.js';
import type { Logger } from '../core/log.js';
import { printMetrics } from '../core/metrics.js';
import { readPublicUrl } from './context.js';
import type { CorsPolicy } from './cors.js';
import { type GraphqlAnswer, type GraphqlEndpoint, refuseGraphql } from './graphql-endpoint.js';
import type { GatewayHealth } from './health.js';
import type { GatewayMetrics } from './metrics.js';
import { findPassThrough, type PassThroughRoutes, passThrough } from './pass-through.js';
import { readRequestBody } from './request-body.js';
import type { StaticFiles } from './static-files.js';
import { createSubgraphHeaders } from './subgraph-source.js';
import type { Subgraphs } from './subgraphs.js';

export interface RoutesOptions {
  readonly graphql: GraphqlEndpoint;
  readonly subgraphs: Subgraphs;
  readonly passThroughRoutes: PassThroughRoutes;
  readonly staticFiles: StaticFiles | undefined;
  readonly checkHealth: () => Promise<GatewayHealth>;
  readonly metrics: GatewayMetrics;
  readonly signer: CallerTokenSigner;
  readonly cors: CorsPolicy;
  readonly publicUrl: string | undefined;
  readonly maxBodyBytes: number;
  readonly log: Logger;
}

/** Everything that the gateway serves over HTTP. */
export function createRoutes(options: RoutesOptions): Hono {
  const { cors, metrics, signer, log } = options;
  const app = new Hono();
  app.get('/health/live', (context) => context.json({ state: 'READY' }));
  // For who asks one question only: 200 while the process answers, and what is ready in the body.
  app.get('/health', async (context) => context.json(await options.checkHealth()));
  app.get('/health/ready', async (context) => {
    const health = await options.checkHealth();
    return context.json(health, health.state === 'NOT_READY' ? 503 : 200);
  });
  app.get('/metrics', async (context) =>
    context.text(await printMetrics(metrics.registry), 200, { 'content-type': metrics.registry.contentType }),
  );
  app.get('/.well-known/jwks.json', (context) => context.json(signer.jwks, 200, { 'cache-control': 'max-age=300' }));
  app.options('*', (context) => cors.answerPreflight(context.req.raw));
  app.all('/graphql', async (context) => {
    const page = await serveGraphiql(options, context);
    return page ?? answerGraphql(options, context.req.raw);
  });
  app.all('*', async (context) => {
    const { raw } = context.req;
    const { pathname } = new URL(raw.url);
    const subgraph = findPassThrough(options.passThroughRoutes, pathname);
    if (subgraph !== undefined) return answerBytes(options, subgraph, raw);
    const file = await options.staticFiles?.serve(raw, pathname);
    if (file) return file;
    throw new SciclomaticError('NOT_FOUND', `Nothing is served at ${pathname}`);
  });
  app.onError((thrown) => {
    const error = SciclomaticError.from(thrown);
    if (error.code === 'INTERNAL') log.error({ error }, 'An HTTP request failed');
    else log.debug({ error }, 'An HTTP request was refused');
    // 499 is no status that the Response class knows; nobody is there to read it anyway.
    const status = error.code === 'CANCELLED' ? 400 : error.httpStatus;
    return Response.json({ code: error.code, message: error.publicMessage }, { status });
  });
  return app;
}

/** GraphiQL for a browser that opens /graphql; a query in the URL is for the API, whoever asks. */
async function serveGraphiql({ staticFiles }: RoutesOptions, { req }: Context): Promise<Response | undefined> {
  const wantsPage = req.method === 'GET' && req.header('accept')?.includes('text/html') && !req.query('query');
  return wantsPage ? staticFiles?.serve(req.raw, '/graphiql.html') : undefined;
}

async function answerGraphql({ graphql, maxBodyBytes, cors }: RoutesOptions, request: Request): Promise<Response> {
  let answer: GraphqlAnswer;
  try {
    answer = await graphql.answer({
      method: request.method,
      headers: request.headers,
      search: new URL(request.url).search,
      body: await readRequestBody(request, maxBodyBytes),
      signal: request.signal,
    });
  } catch (error) {
    answer = refuseGraphql(SciclomaticError.from(error));
  }
  return new Response(answer.body, {
    status: answer.status,
    headers: { ...answer.headers, ...cors.headersFor(request.headers.get('origin')) },
  });
}

async function answerBytes(options: RoutesOptions, subgraph: string, request: Request): Promise<Response> {
  const { subgraphs, signer, log, cors } = options;
  const call = createCall({ log, requestId: request.headers.get(REQUEST_ID_HEADER), signal: request.signal });
  const publicUrl = readPublicUrl(options.publicUrl, request.headers.get('host'));
  const context = { call, caller: ANONYMOUS_CALLER, publicUrl };
  const response = await passThrough(subgraphs.find(subgraph), subgraph, request, context, (one) =>
    createSubgraphHeaders(one, signer),
  );
  const added = { [REQUEST_ID_HEADER]: call.requestId, ...cors.headersFor(request.headers.get('origin')) };
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(added)) headers.set(name, value);
  return new Response(response.body, { status: response.status, headers });
}
