import { createCall } from '../core/call.js';
import { ANONYMOUS_CALLER, type CallerTokenSigner } from '../core/caller-token.js';
import { SciclomaticError } from '../core/errors.js';
import type { Logger } from '../core/log.js';
import type { PartHealth } from '../core/part.js';
import { readAnswer } from './subgraph-answer.js';
import type { SubgraphEndpoint } from './subgraph-endpoint.js';
import { createSubgraphHeaders } from './subgraph-source.js';

/** The gateway's health, part by part; what `/health/ready` answers. */
export interface GatewayHealth extends PartHealth {
  /** `supergraph` and one `subgraph:<name>` each, in the supergraph's order. */
  readonly parts: Readonly<Record<string, PartHealth>>;
}

export interface HealthCheckOptions {
  readonly readEndpoints: () => readonly SubgraphEndpoint[];
  readonly isClosing: () => boolean;
  readonly signer: CallerTokenSigner;
  readonly log: Logger;
}

/** Longest wait for one subgraph's sign of life, in milliseconds. */
const PROBE_TIMEOUT_MS = 2_000;
const PROBE = JSON.stringify({ query: '{__typename}' });

/**
 * Asks every subgraph for a sign of life. One that does not answer makes the gateway DEGRADED: it goes on answering what
 * the others know. NOT_READY: no subgraph answers, or the gateway is closing.
 */
export async function checkGatewayHealth(options: HealthCheckOptions): Promise<GatewayHealth> {
  const probed = await Promise.all(
    options
      .readEndpoints()
      .map(async (endpoint) => [`subgraph:${endpoint.name}`, await probe(endpoint, options)] as const),
  );
  const parts = { supergraph: { state: 'READY' } as PartHealth, ...Object.fromEntries(probed) };
  if (options.isClosing()) return { state: 'NOT_READY', reason: 'The gateway is closing', parts };
  const silent = probed.filter(([, health]) => health.state !== 'READY').map(([name]) => name);
  if (silent.length === 0) return { state: 'READY', parts };
  const state = silent.length === probed.length ? 'NOT_READY' : 'DEGRADED';
  return { state, reason: `No answer from ${silent.join(', ')}`, parts };
}

async function probe(endpoint: SubgraphEndpoint, { signer, log }: HealthCheckOptions): Promise<PartHealth> {
  const call = createCall({ log, timeoutMs: PROBE_TIMEOUT_MS });
  try {
    const context = { call, caller: ANONYMOUS_CALLER, publicUrl: '' };
    const headers = await createSubgraphHeaders(context, signer, PROBE_TIMEOUT_MS);
    const answer = await endpoint.post({ body: PROBE, headers, signal: call.signal, timeoutMs: PROBE_TIMEOUT_MS });
    const [error] = readAnswer(answer, endpoint.name).errors;
    return error ? { state: 'NOT_READY', reason: error.message } : { state: 'READY' };
  } catch (error) {
    return { state: 'NOT_READY', reason: SciclomaticError.from(error).message };
  }
}
