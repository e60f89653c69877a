import {
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

/** What one request may cost before anything is asked of a subgraph. */
export interface GatewayLimits {
  /** Bytes of the HTTP body; over it 413 without reading on. */
  readonly maxBodyBytes: number;
  /** Lexical tokens of the document. */
  readonly maxTokens: number;
  /** Fields below each other. */
  readonly maxDepth: number;
  /** Aliased fields, fragments spread out. */
  readonly maxAliases: number;
  /** Fields of the operation itself, fragments spread out. */
  readonly maxRootFields: number;
  /** Fields in all, fragments spread out. */
  readonly maxFields: number;
}

/** Room for the largest query of the portal ten times over, and for the introspection query of GraphiQL (depth 15). */
export const DEFAULT_LIMITS: GatewayLimits = {
  maxBodyBytes: 256 * 1024,
  maxTokens: 10_000,
  maxDepth: 20,
  maxAliases: 100,
  maxRootFields: 50,
  maxFields: 2_000,
};

interface Cost {
  readonly depth: number;
  readonly aliases: number;
  readonly rootFields: number;
  readonly fields: number;
}

const NOTHING: Cost = { depth: 0, aliases: 0, rootFields: 0, fields: 0 };

/**
 * A validation rule that refuses operations over the limits with LIMIT_EXCEEDED and the maximum in the message. Runs with
 * the other rules, so once for each distinct document. A fragment is measured once, however often it is spread.
 */
export function createLimitsRule(limits: GatewayLimits): ValidationRule {
  return (context) => ({
    [Kind.OPERATION_DEFINITION]: (operation: OperationDefinitionNode) => {
      const cost = measure(operation, context);
      const checks: readonly [keyof Cost, number, string][] = [
        ['depth', limits.maxDepth, 'levels of fields'],
        ['rootFields', limits.maxRootFields, 'root fields'],
        ['aliases', limits.maxAliases, 'aliases'],
        ['fields', limits.maxFields, 'fields'],
      ];
      for (const [measured, maximum, unit] of checks) {
        if (cost[measured] <= maximum) continue;
        context.reportError(
          new GraphQLError(`The operation has ${cost[measured]} ${unit}; at most ${maximum} are allowed`, {
            nodes: operation,
            extensions: { code: 'LIMIT_EXCEEDED' },
          }),
        );
      }
    },
  });
}

function measure(operation: OperationDefinitionNode, context: ValidationContext): Cost {
  const fragments = new Map<string, Cost>();
  const measureFragment = (fragment: FragmentDefinitionNode): Cost => {
    const known = fragments.get(fragment.name.value);
    if (known) return known;
    // Stands in while the fragment is measured, so that a cycle ends; another rule refuses cycles.
    fragments.set(fragment.name.value, NOTHING);
    const cost = measureSelections(fragment.selectionSet);
    fragments.set(fragment.name.value, cost);
    return cost;
  };
  const measureSelections = (selections: SelectionSetNode): Cost => {
    let [depth, aliases, rootFields, fields] = [0, 0, 0, 0];
    for (const selection of selections.selections) {
      let cost = NOTHING;
      if (selection.kind === Kind.FIELD) {
        const below = selection.selectionSet ? measureSelections(selection.selectionSet) : NOTHING;
        cost = {
          depth: below.depth + 1,
          aliases: below.aliases + (selection.alias ? 1 : 0),
          rootFields: 1,
          fields: below.fields + 1,
        };
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        cost = measureSelections(selection.selectionSet);
      } else {
        const fragment = context.getFragment(selection.name.value);
        if (fragment) cost = measureFragment(fragment);
      }
      depth = Math.max(depth, cost.depth);
      aliases += cost.aliases;
      rootFields += cost.rootFields;
      fields += cost.fields;
    }
    return { depth, aliases, rootFields, fields };
  };
  return measureSelections(operation.selectionSet);
}
