import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import type { GatewayGraphQLRequestContext } from '@apollo/server-gateway-interface';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { type ExecutionResult, GraphQLError, type GraphQLSchema, getVariableValues } from 'graphql';
import type { GatewayContext } from './context.js';
import type { PlanExecutor } from './execute.js';
import type { Graph } from './graph.js';
import type { Supergraph } from './supergraph.js';

type ApolloGatewayInterface = ApolloServerOptionsWithGateway<GatewayContext>['gateway'];

const tracer = trace.getTracer('sciclomatic-gateway');

/**
 * Plans and executes behind Apollo Server. It takes the place of the class ApolloGateway, of which nothing is lost that we
 * use: that class adds managed federation (Apollo's uplink), composition at run time, and telemetry to its maker, which is
 * started in its constructor. What is won: a request is validated, planned and executed on one and the same graph,
 * whatever is loaded meanwhile.
 */
export function createFederation(supergraph: Supergraph, executor: PlanExecutor): ApolloGatewayInterface {
  /** Apollo Server hands each request the schema that it was validated against; this leads from there to its graph. */
  const graphs = new WeakMap<GraphQLSchema, Graph>();
  return {
    onSchemaLoadOrUpdate: (callback) =>
      supergraph.onChange((graph) => {
        graphs.set(graph.apiSchema, graph);
        callback({ apiSchema: graph.apiSchema, coreSupergraphSdl: graph.supergraphSdl });
      }),
    load: () =>
      Promise.resolve({
        executor: (request: GatewayGraphQLRequestContext) =>
          executeRequest(graphs.get(request.schema) ?? supergraph.current(), executor, request),
      }),
    stop: () => Promise.resolve(),
  };
}

async function executeRequest(
  graph: Graph,
  executor: PlanExecutor,
  request: GatewayGraphQLRequestContext,
): Promise<ExecutionResult> {
  const { document, operation, operationName, queryHash } = request;
  // Apollo Server asks its executor to say that the operation named does not exist.
  if (operation === undefined) return { errors: [unknownOperation(request.request.operationName)] };
  if (!graph.apiSchema.getRootType(operation.operation)) return { errors: [noSuchRoot(operation.operation)] };
  return tracer.startActiveSpan('gateway.request', async (span) => {
    try {
      span.setAttribute('graphql.operation.type', operation.operation);
      if (operationName) span.setAttribute('graphql.operation.name', operationName);
      const given = request.request.variables ?? {};
      const variables = getVariableValues(graph.apiSchema, operation.variableDefinitions ?? [], given);
      if (variables.errors) return { errors: variables.errors };
      const plan = tracer.startActiveSpan('gateway.plan', (planSpan) => {
        try {
          return graph.planner.plan({ document, operationName: operationName ?? undefined, documentHash: queryHash });
        } finally {
          planSpan.end();
        }
      });
      const context = request.context as GatewayContext;
      const result = await executor.execute({
        ...{ graph, plan, document, operation, documentHash: queryHash, context },
        variables: given,
        coercedVariables: variables.coerced,
      });
      if (result.errors) span.setStatus({ code: SpanStatusCode.ERROR });
      return result;
    } finally {
      span.end();
    }
  });
}

function unknownOperation(name: string | undefined): GraphQLError {
  const message = name
    ? `The document has no operation named ${JSON.stringify(name)}`
    : 'The document must hold one operation, or operationName must say which';
  return new GraphQLError(message, { extensions: { code: 'BAD_INPUT' } });
}

/** No rule of validation says so: a schema without mutations or subscriptions has no type to look their fields up in. */
function noSuchRoot(kind: string): GraphQLError {
  return new GraphQLError(`This graph has no ${kind}s`, { extensions: { code: 'BAD_INPUT', http: { status: 400 } } });
}
