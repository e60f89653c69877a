import { generateKeyPairSync } from 'node:crypto';
import { type CallerTokenSigner, createCallerTokenSigner } from '../core/caller-token.js';
import { silentLogger } from '../core/log.js';
import { createGateway, type Gateway, type GatewayOptions } from './gateway.js';
import {
  composeTestGraph,
  createTestSubgraph,
  NOWHERE,
  serveTest,
  type TestServer,
  type TestSubgraph,
} from './test-graph.js';

/** Starts what a test of the gateway needs and stops all of it, last started first. */
export interface TestBench {
  readonly signer: CallerTokenSigner;
  /** A gateway over the two test subgraphs, which are nowhere unless the options say where. */
  startGateway(options?: Partial<GatewayOptions>): Promise<Gateway>;
  startSubgraph(...args: Parameters<typeof createTestSubgraph>): Promise<TestSubgraph>;
  serve(...args: Parameters<typeof serveTest>): Promise<TestServer>;
  stop(): Promise<void>;
}

export async function createTestBench(): Promise<TestBench> {
  const signer = await createCallerTokenSigner({ privateKey: generateKeyPairSync('ed25519').privateKey });
  const stopping: (() => Promise<void>)[] = [];
  return {
    signer,
    startGateway: async (options = {}) => {
      const gateway = await createGateway({
        supergraph: { sdl: composeTestGraph(NOWHERE) },
        caller: { signer },
        log: silentLogger,
        drainMs: 100,
        ...options,
      });
      stopping.push(() => gateway.close());
      return gateway;
    },
    startSubgraph: async (...args) => {
      const subgraph = await createTestSubgraph(...args);
      stopping.push(() => subgraph.stop());
      return subgraph;
    },
    serve: async (...args) => {
      const server = await serveTest(...args);
      stopping.push(() => server.close());
      return server;
    },
    stop: async () => {
      for (const stop of stopping.splice(0).reverse()) await stop();
    },
  };
}
