import { createCall, endCall } from '../core/call.js';
import { createLimit, releaseLimit } from '../core/call-limit.js';
import { ANONYMOUS_CALLER, type CallerTokenSigner } from '../core/caller-token.js';
import { SciclomaticError } from '../core/errors.js';
import type { Logger } from '../core/log.js';
import type { Part, PartHealth } from '../core/part.js';
import { readAnswer } from './subgraph-answer.js';
import type { SubgraphEndpoint } from './subgraph-endpoint.js';
import { createSubgraphHeaders } from './subgraph-source.js';

/** The gateway's health, part by part; what `/health/ready` answers. */
export interface GatewayHealth extends PartHealth {
  /** `supergraph`, one `subgraph:<name>` each in the supergraph's order, then other parts of the process by name. */
  readonly parts: Readonly<Record<string, PartHealth>>;
}

export interface HealthCheckOptions {
  readonly readEndpoints: () => readonly SubgraphEndpoint[];
  readonly isClosing: () => boolean;
  readonly signer: CallerTokenSigner;
  /** Parts of the same process, which say more of themselves than a sign of life: subgraphs by name, and others. */
  readonly parts: Readonly<Record<string, Pick<Part, 'checkHealth'>>>;
  readonly log: Logger;
}

/** Longest wait for one subgraph's sign of life, in milliseconds. */
const PROBE_TIMEOUT_MS = 2_000;
const PROBE = JSON.stringify({ query: '{__typename}' });

/**
 * Asks every subgraph for a sign of life. One that does not answer makes the gateway DEGRADED: it goes on answering what
 * the others know; so does a part that says why it is not READY. NOT_READY: no subgraph answers, or the gateway is closing.
 */
export async function checkGatewayHealth(options: HealthCheckOptions): Promise<GatewayHealth> {
  const probed = await Promise.all(
    options
      .readEndpoints()
      .map(async (endpoint) => [`subgraph:${endpoint.name}`, await probe(endpoint, options)] as const),
  );
  const named = new Set(probed.map(([name]) => name));
  const others = await Promise.all(
    Object.entries(options.parts)
      .filter(([name]) => !named.has(`subgraph:${name}`))
      .map(async ([name, part]) => [name, await askPart(part)] as const),
  );
  const asked = [...probed, ...others];
  const parts = { supergraph: { state: 'READY' } as PartHealth, ...Object.fromEntries(asked) };
  if (options.isClosing()) return { state: 'NOT_READY', reason: 'The gateway is closing', parts };
  const silent = probed.filter(([, health]) => health.state === 'NOT_READY').map(([name]) => name);
  if (silent.length > 0) {
    const state = silent.length === probed.length ? 'NOT_READY' : 'DEGRADED';
    return { state, reason: `No answer from ${silent.join(', ')}`, parts };
  }
  const failing = asked.filter(([, health]) => health.state !== 'READY').map(([name]) => name);
  return failing.length === 0
    ? { state: 'READY', parts }
    : { state: 'DEGRADED', reason: `Not READY: ${failing.join(', ')}`, parts };
}

/** What a part says of itself; one that fails or says nothing in time is NOT_READY. */
async function askPart(part: Pick<Part, 'checkHealth'>): Promise<PartHealth> {
  const limit = createLimit(undefined, PROBE_TIMEOUT_MS);
  const silence = new Promise<PartHealth>((resolve) => {
    const reason = 'It says nothing about its health in time';
    limit.addEventListener('abort', () => resolve({ state: 'NOT_READY', reason }), { once: true });
  });
  try {
    return await Promise.race([part.checkHealth(), silence]);
  } catch (error) {
    return { state: 'NOT_READY', reason: SciclomaticError.from(error).message };
  } finally {
    releaseLimit(limit);
  }
}

async function probe(endpoint: SubgraphEndpoint, { signer, log, parts }: HealthCheckOptions): Promise<PartHealth> {
  const call = createCall({ log, timeoutMs: PROBE_TIMEOUT_MS });
  try {
    const context = { call, caller: ANONYMOUS_CALLER, publicUrl: '' };
    const headers = await createSubgraphHeaders(context, signer, PROBE_TIMEOUT_MS);
    const answer = await endpoint.post({ body: PROBE, headers, signal: call.signal, timeoutMs: PROBE_TIMEOUT_MS });
    const [error] = readAnswer(answer, endpoint.name).errors;
    if (error) return { state: 'NOT_READY', reason: error.message };
    const part = Object.hasOwn(parts, endpoint.name) ? parts[endpoint.name] : undefined;
    if (!part) return { state: 'READY' };
    // It answers, so the graph goes on with it, whatever it lacks.
    const { state, reason } = await askPart(part);
    return state === 'READY' ? { state } : { state: 'DEGRADED', reason };
  } catch (error) {
    return { state: 'NOT_READY', reason: SciclomaticError.from(error).message };
  } finally {
    endCall(call);
  }
}
