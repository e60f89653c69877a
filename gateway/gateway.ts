import type { Registry } from 'prom-client';
import { type CallerTokenSigner, createCallerTokenSigner, readCallerKey } from '../core/caller-token.js';
import type { Logger } from '../core/log.js';
import type { HttpPart, Part } from '../core/part.js';
import { createCorsPolicy } from './cors.js';
import type { PlanExecutor, ReadSources } from './execute.js';
import { createGraphqlEndpoint } from './graphql-endpoint.js';
import { checkGatewayHealth, type GatewayHealth } from './health.js';
import { type HttpServer, startHttpServer } from './http-server.js';
import { DEFAULT_LIMITS, type GatewayLimits } from './limits.js';
import { createGatewayMetrics } from './metrics.js';
import { createNodeGraphql } from './node-graphql.js';
import { DEFAULT_PASS_THROUGH, type PassThroughRoutes } from './pass-through.js';
import { createPlanExecutor } from './plan-executor.js';
import { createRoutes } from './routes.js';
import { createStaticFiles } from './static-files.js';
import type { SubgraphAddress } from './subgraph-endpoint.js';
import { createSubgraphs } from './subgraphs.js';
import { openSupergraph, type SupergraphLocation } from './supergraph.js';

/** Longest time for one request, in milliseconds, and for one fetch from a subgraph within it. */
export const MAX_REQUEST_MS = 30_000;
export const SUBGRAPH_TIMEOUT_MS = 20_000;
/** How long close() waits for requests under way, in milliseconds. */
export const DRAIN_MS = 10_000;

export interface GatewayOptions {
  readonly supergraph: SupergraphLocation;
  /** Where subgraphs are, by name; those not named are where the supergraph's routing URLs say. */
  readonly subgraphs?: Readonly<Record<string, SubgraphAddress>> | undefined;
  /** Who signs caller tokens: a signer, or the file of its key, created at the first start. */
  readonly caller: { readonly signer: CallerTokenSigner } | { readonly keyFile: string };
  /** Origin under which clients reach us; taken from each request's Host header when absent. */
  readonly publicUrl?: string | undefined;
  /** Folder of the built portal with index.html and graphiql.html; without it only the API is served. */
  readonly portalDir?: string | undefined;
  /** Origins whose pages may use the API, `*` for all; none when absent. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** First segment of a path → the subgraph that serves such paths. */
  readonly passThrough?: PassThroughRoutes | undefined;
  /** Who executes plans: ours, or Apollo's, which is slower and takes 45 MB more. Ours when absent. */
  readonly executor?: 'compiled' | 'apollo' | undefined;
  readonly limits?: Partial<GatewayLimits> | undefined;
  readonly maxRequestMs?: number | undefined;
  readonly subgraphTimeoutMs?: number | undefined;
  /** Overrides subgraphTimeoutMs, by subgraph. */
  readonly subgraphTimeoutsMs?: Readonly<Record<string, number>> | undefined;
  readonly supergraphPollMs?: number | undefined;
  readonly supergraphWaitMs?: number | undefined;
  readonly drainMs?: number | undefined;
  /** Where metrics are kept; a registry of its own when absent. */
  readonly registry?: Registry | undefined;
  /** Parts of the same process whose own word on their health `/health/ready` gives: subgraphs by name, and others. */
  readonly parts?: Readonly<Record<string, Pick<Part, 'checkHealth'>>> | undefined;
  readonly log: Logger;
  /** Milliseconds since the epoch; for caller tokens. */
  readonly now?: (() => number) | undefined;
}

/** A running gateway. It starts although subgraphs are down, and heals when they come back. */
export interface Gateway extends HttpPart {
  checkHealth(): Promise<GatewayHealth>;
  /** Public key of the caller tokens, for subgraphs in the same process. */
  readonly signer: CallerTokenSigner;
  /** Serves on a socket. @throws CONFIG_INVALID when the address cannot be bound */
  listen(address: { readonly host: string; readonly port: number }): Promise<{ readonly url: string }>;
  /** Reads the supergraph again now; true when a new one is served from here on. */
  refreshSupergraph(): Promise<boolean>;
}

/**
 * Puts a gateway together; it answers as soon as this resolves.
 * @throws CONFIG_INVALID when the supergraph cannot be served, DATA_CORRUPT when the key file holds no key
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { log, maxRequestMs = MAX_REQUEST_MS } = options;
  const signer = await openSigner(options);
  const metrics = createGatewayMetrics(options.registry);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const subgraphs = createSubgraphs({
    signer,
    addresses: options.subgraphs ?? {},
    timeoutsMs: options.subgraphTimeoutsMs ?? {},
    defaultTimeoutMs: options.subgraphTimeoutMs ?? SUBGRAPH_TIMEOUT_MS,
    maxRequestMs,
    onFetch: metrics.fetchEnded,
  });
  const supergraph = await openSupergraph(options.supergraph, {
    log,
    pollMs: options.supergraphPollMs,
    waitMs: options.supergraphWaitMs,
  });
  supergraph.onChange((graph) => {
    subgraphs.adopt(graph);
    metrics.supergraphLoaded(graph.subgraphs.length);
  });
  const executor = await createExecutor(options, subgraphs.readSources);
  const { publicUrl } = options;
  const graphql = await createGraphqlEndpoint({ supergraph, executor, limits, maxRequestMs, publicUrl, metrics, log });
  let closing: Promise<void> | undefined;
  const isClosing = () => closing !== undefined;
  const { parts = {} } = options;
  const checkHealth = () => checkGatewayHealth({ readEndpoints: subgraphs.list, isClosing, signer, parts, log });
  const cors = createCorsPolicy(options.corsOrigins ?? []);
  const routes = createRoutes({
    graphql,
    subgraphs,
    passThroughRoutes: options.passThrough ?? DEFAULT_PASS_THROUGH,
    staticFiles: options.portalDir === undefined ? undefined : createStaticFiles(options.portalDir),
    checkHealth,
    metrics,
    signer,
    cors,
    publicUrl,
    maxBodyBytes: limits.maxBodyBytes,
    log,
  });
  const answerDirectly = createNodeGraphql({ graphql, cors, maxBodyBytes: limits.maxBodyBytes });
  const servers: HttpServer[] = [];
  const fetch = async (request: Request) => routes.fetch(request);
  const close = async () => {
    await Promise.all(servers.map((server) => server.close(options.drainMs ?? DRAIN_MS)));
    await graphql.stop();
    await supergraph.stop();
    await subgraphs.close();
  };
  return {
    name: 'gateway',
    signer,
    fetch,
    checkHealth,
    refreshSupergraph: supergraph.refresh,
    listen: async ({ host, port }) => {
      const server = await startHttpServer({ host, port, fetch, answerDirectly });
      servers.push(server);
      log.info({ url: server.url }, 'The gateway listens');
      return { url: server.url };
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

async function openSigner({ caller, now }: GatewayOptions): Promise<CallerTokenSigner> {
  if ('signer' in caller) return caller.signer;
  const privateKey = await readCallerKey(caller.keyFile);
  return createCallerTokenSigner({ privateKey, ...(now ? { now } : {}) });
}

async function createExecutor({ executor }: GatewayOptions, readSources: ReadSources): Promise<PlanExecutor> {
  if (executor !== 'apollo') return createPlanExecutor(readSources);
  // Loaded only when asked for: it brings exporters and detectors of Apollo's telemetry along.
  const { createApolloExecutor } = await import('./apollo-executor.js');
  return createApolloExecutor(readSources);
}
