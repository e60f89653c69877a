import type { QueryPlan } from '@apollo/query-planner';
import type { DocumentNode, ExecutionResult, OperationDefinitionNode } from 'graphql';
import type { GatewayContext } from './context.js';
import type { Graph } from './graph.js';
import type { SubgraphSource } from './subgraph-source.js';

/** One operation of one client, ready to be executed. */
export interface ExecutableOperation {
  readonly graph: Graph;
  readonly plan: QueryPlan;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Same for the same document text: what is compiled of it is remembered by it. */
  readonly documentHash: string;
  /** As the client sent them, already checked against the operation's definitions. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** The same coerced, with defaults: what @skip and @include go by. */
  readonly coercedVariables: Readonly<Record<string, unknown>>;
  readonly context: GatewayContext;
}

/** Asks subgraphs as a plan says and puts their answers together. */
export interface PlanExecutor {
  /** Never rejects because of a subgraph: what failed is null, with an error that has `code` and `source`. */
  execute(operation: ExecutableOperation): Promise<ExecutionResult>;
}

/** The subgraphs of a graph, by name. */
export type ReadSources = (graph: Graph) => Readonly<Record<string, SubgraphSource>>;
