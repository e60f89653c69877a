import type { z } from 'zod';
import { ROLE_SETTINGS } from '../cli/house/settings.js';
import { type House, startAll } from '../cli/house/start-all.js';
import { createLogger } from '../core/log.js';
import { askSubgraph } from './ask-subgraph.js';
import { type CommandSession, openCommandSession } from './command-session.js';

/** The answer to one operation, as a client of the gateway sees it. */
export type TestAnswer<Data> = Awaited<ReturnType<typeof askSubgraph<Data>>>;

export interface TestHouse {
  readonly house: House;
  /** Asks the gateway. */
  ask<Data>(query: string, variables?: Record<string, unknown>): Promise<TestAnswer<Data>>;
  /** For the functions behind the verbs of `sc`. */
  readonly session: CommandSession;
  close(): Promise<void>;
}

/** Everything in this process, on free ports of loopback and at short intervals; SC_TEST_LOG=debug shows its log. */
export async function startTestHouse(
  settings: z.input<(typeof ROLE_SETTINGS)['all']> & { readonly dataDir: string },
): Promise<TestHouse> {
  const log = createLogger(process.env.SC_TEST_LOG === 'debug' ? 'debug' : 'silent');
  const house = await startAll(
    ROLE_SETTINGS.all.parse({
      port: 0,
      registryPort: 0,
      mirrorSamples: false,
      leaseMs: 5000,
      healthIntervalMs: 300,
      swarmIntervalMs: 200,
      watchIntervalMs: 100,
      replicationWatchMs: 200,
      auditIntervalMs: 2000,
      ...settings,
    }),
    log,
  );
  return {
    house,
    session: openCommandSession(house.url),
    ask: (query, variables) => askSubgraph({ fetch: (request) => fetchFrom(house.url, request) }, query, variables),
    close: () => house.close(),
  };
}

/** Through the socket, as everyone else comes in. */
async function fetchFrom(origin: string, request: Request): Promise<Response> {
  return fetch(`${origin}/graphql`, { method: 'POST', headers: request.headers, body: await request.text() });
}
