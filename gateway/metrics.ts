import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { FetchOutcome } from './subgraph-source.js';

/** Upper bounds of the duration histograms, in seconds: from a cached answer to the longest request. */
const DURATION_BUCKETS_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface GatewayMetrics {
  readonly registry: Registry;
  requestEnded(outcome: RequestOutcome, durationMs: number): void;
  fetchEnded(subgraph: string, outcome: FetchOutcome, durationMs: number): void;
  supergraphLoaded(subgraphCount: number): void;
}

/** A GraphQL request as the client saw it: OK, part of the data null with errors, or nothing but errors. */
export type RequestOutcome = 'OK' | 'PARTIAL' | 'FAILED';

/** @param registry where the metrics are kept; a new one when absent, so that two gateways in one process do not mix */
export function createGatewayMetrics(registry: Registry = new Registry()): GatewayMetrics {
  const requests = new Counter({
    name: 'sc_gateway_requests_total',
    help: 'GraphQL requests answered, by outcome: OK, PARTIAL (data and errors), FAILED (no data).',
    labelNames: ['outcome'],
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'sc_gateway_request_duration_seconds',
    help: 'Time from the parsed body of a GraphQL request to its answer.',
    buckets: DURATION_BUCKETS_SECONDS,
    registers: [registry],
  });
  const fetches = new Histogram({
    name: 'sc_gateway_subgraph_fetch_duration_seconds',
    help: 'Time of one fetch from a subgraph, by subgraph and outcome: OK, ERRORS (it answered with errors), or the code of the failure.',
    labelNames: ['subgraph', 'outcome'],
    buckets: DURATION_BUCKETS_SECONDS,
    registers: [registry],
  });
  const subgraphs = new Gauge({
    name: 'sc_gateway_supergraph_subgraphs',
    help: 'Subgraphs of the supergraph that is served.',
    registers: [registry],
  });
  const loads = new Counter({
    name: 'sc_gateway_supergraph_loads_total',
    help: 'Supergraphs that were taken into service since the start.',
    registers: [registry],
  });
  return {
    registry,
    requestEnded: (outcome, durationMs) => {
      requests.inc({ outcome });
      durations.observe(durationMs / 1000);
    },
    fetchEnded: (subgraph, outcome, durationMs) => fetches.observe({ subgraph, outcome }, durationMs / 1000),
    supergraphLoaded: (subgraphCount) => {
      subgraphs.set(subgraphCount);
      loads.inc();
    },
  };
}
