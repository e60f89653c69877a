import { executeQueryPlan, type GraphQLDataSource } from '@apollo/gateway';
import type { QueryPlan } from '@apollo/query-planner';
import type { GatewayGraphQLRequestContext, GatewaySchemaHash } from '@apollo/server-gateway-interface';
import {
  type DocumentNode,
  type ExecutionResult,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { GatewayContext } from './context.js';
import type { Graph } from './graph.js';

/** One operation of one client, ready to be executed. */
export interface ExecutableOperation {
  readonly graph: Graph;
  readonly plan: QueryPlan;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Already checked against the operation's definitions. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: GatewayContext;
}

/** Asks subgraphs as a plan says and puts their answers together. */
export interface PlanExecutor {
  /** Never rejects because of a subgraph: what failed is null, with an error that has `code` and `source`. */
  execute(operation: ExecutableOperation): Promise<ExecutionResult>;
}

/**
 * Apollo's executor behind our interface.
 * @param readSource the subgraph of a name; undefined when the gateway knows none
 */
export function createApolloExecutor(
  readSources: (graph: Graph) => Readonly<Record<string, GraphQLDataSource>>,
): PlanExecutor {
  return {
    execute: async (operation) => {
      const { graph, plan, document } = operation;
      const fragments: Record<string, FragmentDefinitionNode> = {};
      for (const definition of document.definitions) {
        if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
      }
      const result = await executeQueryPlan(
        plan,
        { ...readSources(graph) },
        createRequestContext(operation),
        { schema: graph.apiSchema, operation: operation.operation, fragments },
        graph.supergraphSchema,
        graph.plannerSchema,
      );
      return raiseValueErrors(result);
    },
  };
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
