import { executeQueryPlan, type GraphQLDataSource } from '@apollo/gateway';
import type { GatewayGraphQLRequestContext, GatewaySchemaHash } from '@apollo/server-gateway-interface';
import { type ExecutionResult, type FragmentDefinitionNode, GraphQLError, Kind } from 'graphql';
import type { GatewayContext } from './context.js';
import type { ExecutableOperation, PlanExecutor, ReadSources } from './execute.js';
import type { SubgraphSource } from './subgraph-source.js';

/** Apollo's executor behind our interface: the one to compare ours with, and to fall back to. */
export function createApolloExecutor(readSources: ReadSources): PlanExecutor {
  return {
    execute: async (operation) => {
      const { graph, plan, document } = operation;
      const fragments: Record<string, FragmentDefinitionNode> = {};
      for (const definition of document.definitions) {
        if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
      }
      const result = await executeQueryPlan(
        plan,
        toDataSources(readSources(graph)),
        createRequestContext(operation),
        { schema: graph.apiSchema, operation: operation.operation, fragments },
        graph.supergraphSchema,
        graph.plannerSchema,
      );
      return raiseValueErrors(result);
    },
  };
}

function toDataSources(sources: Readonly<Record<string, SubgraphSource>>): Record<string, GraphQLDataSource> {
  const adapt = (source: SubgraphSource): GraphQLDataSource => ({
    process: (fetch) =>
      source.fetch({
        query: fetch.request.query ?? '',
        variables: fetch.request.variables ?? {},
        operationName: fetch.request.operationName,
        path: 'pathInIncomingRequest' in fetch ? (fetch.pathInIncomingRequest ?? []) : [],
        context: fetch.context as GatewayContext,
      }),
  });
  return Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, adapt(source)]));
}

/** What Apollo's executor reads of a request, in its own shape. */
function createRequestContext(operation: ExecutableOperation): GatewayGraphQLRequestContext {
  const { log } = operation.context.call;
  const write = (level: 'debug' | 'info' | 'warn' | 'error') => (message?: unknown) => log[level]({}, String(message));
  return {
    request: { variables: operation.variables },
    logger: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    schema: operation.graph.apiSchema,
    schemaHash: '' as GatewaySchemaHash,
    context: operation.context,
    cache: { get: () => Promise.resolve(undefined), set: () => Promise.resolve(), delete: () => Promise.resolve() },
    queryHash: '',
    document: operation.document,
    source: '',
    operationName: operation.operation.name?.value ?? null,
    operation: operation.operation,
    metrics: {},
    overallCachePolicy: undefined,
  };
}

/**
 * A subgraph that gives null, or a value of the wrong type, where the schema forbids it: Apollo puts that into an extension
 * that nobody reads. Here it is an error like any other.
 */
function raiseValueErrors(result: ExecutionResult): ExecutionResult {
  const found = result.extensions?.valueCompletion;
  if (!Array.isArray(found)) return result;
  const errors = found
    .filter((error) => error instanceof GraphQLError)
    .map(
      (error) =>
        new GraphQLError(error.message, {
          ...(error.path ? { path: error.path } : {}),
          extensions: { code: 'SOURCE_INVALID_ANSWER' },
        }),
    );
  return { data: result.data ?? null, ...(errors.length > 0 ? { errors } : {}) };
}
