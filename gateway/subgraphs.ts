import type { CallerTokenSigner } from '../core/caller-token.js';
import type { Graph, SubgraphLocation } from './graph.js';
import { createSubgraphEndpoint, type SubgraphAddress, type SubgraphEndpoint } from './subgraph-endpoint.js';
import { createSubgraphSource, type SubgraphSource, type SubgraphSourceOptions } from './subgraph-source.js';

/** The subgraphs of the supergraph that is served, and of those before it while requests still run on them. */
export interface Subgraphs {
  /** Takes a graph into service: connects what is new, retires what is gone. */
  adopt(graph: Graph): void;
  readSources(graph: Graph): Readonly<Record<string, SubgraphSource>>;
  find(name: string): SubgraphEndpoint | undefined;
  list(): readonly SubgraphEndpoint[];
  /** Cuts what still runs. */
  close(): Promise<void>;
}

export interface SubgraphsOptions extends Pick<SubgraphSourceOptions, 'onFetch'> {
  readonly signer: CallerTokenSigner;
  /** Where subgraphs are, by name; those not named are where the supergraph says. */
  readonly addresses: Readonly<Record<string, SubgraphAddress>>;
  /** Longest time for one fetch, in milliseconds, by subgraph; the default for those not named. */
  readonly timeoutsMs: Readonly<Record<string, number>>;
  readonly defaultTimeoutMs: number;
  /** Longest time for one request, in milliseconds: a retired subgraph is kept for so long. */
  readonly maxRequestMs: number;
}

interface Connected {
  readonly url: string;
  readonly endpoint: SubgraphEndpoint;
  readonly source: SubgraphSource;
}

export function createSubgraphs(options: SubgraphsOptions): Subgraphs {
  let connected = new Map<string, Connected>();
  const open = new Set<SubgraphEndpoint>();
  const sources = new WeakMap<Graph, Readonly<Record<string, SubgraphSource>>>();

  const connect = ({ name, url }: SubgraphLocation): Connected => {
    const known = connected.get(name);
    if (known?.url === url) return known;
    const endpoint = createSubgraphEndpoint(name, options.addresses[name] ?? { url });
    open.add(endpoint);
    const timeoutMs = options.timeoutsMs[name] ?? options.defaultTimeoutMs;
    return { url, endpoint, source: createSubgraphSource({ ...options, endpoint, timeoutMs }) };
  };
  const retire = ({ endpoint }: Connected) => {
    const timer = setTimeout(() => {
      open.delete(endpoint);
      void endpoint.close();
    }, options.maxRequestMs);
    timer.unref();
  };
  return {
    adopt: (graph) => {
      const before = connected;
      connected = new Map(graph.subgraphs.map((location) => [location.name, connect(location)]));
      for (const [name, old] of before) if (connected.get(name) !== old) retire(old);
      sources.set(graph, Object.fromEntries([...connected].map(([name, { source }]) => [name, source])));
    },
    readSources: (graph) => sources.get(graph) ?? {},
    find: (name) => connected.get(name)?.endpoint,
    list: () => [...connected.values()].map(({ endpoint }) => endpoint),
    close: async () => {
      await Promise.all([...open].map((endpoint) => endpoint.close()));
    },
  };
}
