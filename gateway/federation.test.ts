import type { GatewayGraphQLRequestContext } from '@apollo/server-gateway-interface';
import { expect, it } from '@jest/globals';
import { type GraphQLSchema, Kind, parse } from 'graphql';
import { createCall } from '../core/call.js';
import { silentLogger } from '../core/log.js';
import { createFederation } from './federation.js';
import { buildGraph, type Graph } from './graph.js';
import { composeTestGraph, NOWHERE } from './test-graph.js';

const OLD = buildGraph(composeTestGraph(NOWHERE));
const NEW = buildGraph(composeTestGraph(NOWHERE, ' extend type Query { more: Int }'));

/** As Apollo Server asks: with the schema that the document was validated against. */
function createRequest(schema: GraphQLSchema, query: string): GatewayGraphQLRequestContext {
  const document = parse(query);
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
  const context = { call: createCall({ log: silentLogger }), caller: 'anonymous', publicUrl: '' };
  const request: Partial<GatewayGraphQLRequestContext> = {
    ...{ request: {}, schema, context, document, operation, operationName: null, queryHash: query },
  };
  return request as GatewayGraphQLRequestContext;
}

it('executes a request on the graph that it was validated against, though another is served by then', async () => {
  const listeners: ((graph: Graph) => void)[] = [];
  const executed: Graph[] = [];
  const supergraph = {
    current: () => NEW,
    refresh: () => Promise.resolve(false),
    onChange: (listener: (graph: Graph) => void) => {
      listeners.push(listener);
      return () => undefined;
    },
    stop: () => Promise.resolve(),
  };
  const federation = createFederation(supergraph, {
    execute: ({ graph }) => {
      executed.push(graph);
      return Promise.resolve({ data: {} });
    },
  });
  federation.onSchemaLoadOrUpdate(() => undefined);
  for (const graph of [OLD, NEW]) for (const listener of listeners) listener(graph);
  const { executor } = await federation.load({ apollo: {} });
  await executor?.(createRequest(OLD.apiSchema, '{ wait }'));
  await executor?.(createRequest(NEW.apiSchema, '{ more }'));
  // By index: a graph is far too large to be printed when this fails.
  expect(executed.map((graph) => [OLD, NEW].indexOf(graph))).toEqual([0, 1]);
});
