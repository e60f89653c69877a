import { z } from 'zod';
import type { Logger } from '../core/log.js';
import { DRAIN_MS, type GatewayOptions, MAX_REQUEST_MS, SUBGRAPH_TIMEOUT_MS } from './gateway.js';
import { DEFAULT_LIMITS } from './limits.js';

const milliseconds = (standard: number) => z.number().int().positive().default(standard);
const count = (standard: number) => z.number().int().positive().default(standard);
const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });

/** Settings of the role `gateway`; for core/config.ts. */
export const gatewayConfigSchema = z.object({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
  port: z.number().int().min(0).max(65_535).default(4000).describe('Port to listen on; 0 = any free one.'),
  supergraph: z.string().min(1).describe('Supergraph SDL: a file, or an http(s) URL that is followed.'),
  supergraphKeepFile: z
    .string()
    .min(1)
    .optional()
    .describe('Where the last good supergraph of a URL is kept, so that the gateway starts without it.'),
  supergraphPollMs: milliseconds(5_000).describe('Milliseconds between two looks at the supergraph.'),
  supergraphWaitMs: milliseconds(60_000).describe('How long to wait at the start for a supergraph, in milliseconds.'),
  callerKeyFile: z
    .string()
    .min(1)
    .describe('Private key of the caller tokens (PEM); created at the first start, readable by its owner only.'),
  subgraphUrls: z
    .record(z.string().min(1), httpUrl)
    .default({})
    .describe('Where subgraphs are, by name; those not named are where the supergraph says. In the file only.'),
  publicUrl: httpUrl
    .optional()
    .describe('Origin under which clients reach the gateway, when a proxy stands before it.'),
  portalDir: z.string().min(1).optional().describe('Folder of the built portal; without it only the API is served.'),
  corsOrigins: z
    .array(z.string().min(1))
    .default([])
    .describe('Origins whose pages may use the API; "*" = all. In the file only.'),
  executor: z
    .enum(['compiled', 'apollo'])
    .default('compiled')
    .describe('Who executes query plans: ours, or Apollo’s, which is slower.'),
  maxRequestMs: milliseconds(MAX_REQUEST_MS).describe('Longest time for one request, in milliseconds.'),
  subgraphTimeoutMs: milliseconds(SUBGRAPH_TIMEOUT_MS).describe('Longest time for one fetch, in milliseconds.'),
  subgraphTimeoutsMs: z
    .record(z.string().min(1), z.number().int().positive())
    .default({})
    .describe('The same by subgraph, where it differs. In the file only.'),
  drainMs: milliseconds(DRAIN_MS).describe(
    'How long requests under way may go on when the gateway ends, in milliseconds.',
  ),
  maxBodyBytes: count(DEFAULT_LIMITS.maxBodyBytes).describe('Largest body of a GraphQL request, in bytes.'),
  maxTokens: count(DEFAULT_LIMITS.maxTokens).describe('Most lexical tokens of a GraphQL document.'),
  maxDepth: count(DEFAULT_LIMITS.maxDepth).describe('Most levels of fields of an operation.'),
  maxAliases: count(DEFAULT_LIMITS.maxAliases).describe('Most aliases of an operation.'),
  maxRootFields: count(DEFAULT_LIMITS.maxRootFields).describe('Most root fields of an operation.'),
  maxFields: count(DEFAULT_LIMITS.maxFields).describe('Most fields of an operation, fragments spread out.'),
});

export type GatewayConfig = Readonly<z.infer<typeof gatewayConfigSchema>>;

/** What createGateway needs, from settings; host and port are for its `listen`. */
export function toGatewayOptions(config: GatewayConfig, log: Logger): GatewayOptions {
  const { supergraph, callerKeyFile, subgraphUrls } = config;
  const { maxBodyBytes, maxTokens, maxDepth, maxAliases, maxRootFields, maxFields } = config;
  return {
    supergraph: /^https?:\/\//.test(supergraph)
      ? { url: supergraph, keepFile: config.supergraphKeepFile }
      : { file: supergraph },
    caller: { keyFile: callerKeyFile },
    subgraphs: Object.fromEntries(Object.entries(subgraphUrls).map(([name, url]) => [name, { url }])),
    publicUrl: config.publicUrl,
    portalDir: config.portalDir,
    corsOrigins: config.corsOrigins,
    executor: config.executor,
    maxRequestMs: config.maxRequestMs,
    subgraphTimeoutMs: config.subgraphTimeoutMs,
    subgraphTimeoutsMs: config.subgraphTimeoutsMs,
    supergraphPollMs: config.supergraphPollMs,
    supergraphWaitMs: config.supergraphWaitMs,
    drainMs: config.drainMs,
    limits: { maxBodyBytes, maxTokens, maxDepth, maxAliases, maxRootFields, maxFields },
    log,
  };
}
