import { operationFromDocument, type Supergraph } from '@apollo/federation-internals';
import { QueryPlanner as ApolloQueryPlanner, type QueryPlan } from '@apollo/query-planner';
import type { DocumentNode } from 'graphql';
import { createBoundedCache } from '../core/bounded-cache.js';

/** A validated operation of a client. */
export interface PlannableOperation {
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  /** Same for the same document text: plans are remembered by it. */
  readonly documentHash: string;
}

/** Decides which subgraphs are asked for what, in which order. A plan holds for every value of the variables. */
export interface QueryPlanner {
  /** @throws GraphQLError when the operation is too complex to be planned */
  plan(operation: PlannableOperation): QueryPlan;
}

/** Plans remembered per supergraph; a plan of the portal's largest query takes about 50 KB. */
const MAX_PLANS = 500;

/**
 * Apollo's planner behind our interface, and the plans it made last. Planning costs some ten milliseconds, looking one up
 * a microsecond. Licence: docs/decisions/planning-behind-an-interface.md.
 */
export function createApolloPlanner(supergraph: Supergraph): QueryPlanner {
  const planner = new ApolloQueryPlanner(supergraph);
  const apiSchema = supergraph.apiSchema();
  const plans = createBoundedCache<string, QueryPlan>(MAX_PLANS);
  return {
    plan: ({ document, operationName, documentHash }) => {
      const key = operationName === undefined ? documentHash : `${documentHash} ${operationName}`;
      const known = plans.get(key);
      if (known) return known;
      const operation = operationFromDocument(apiSchema, document, {
        validate: false,
        ...(operationName === undefined ? {} : { operationName }),
      });
      const plan = planner.buildQueryPlan(operation);
      plans.set(key, plan);
      return plan;
    },
  };
}
