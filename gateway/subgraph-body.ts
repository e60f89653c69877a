import type { GraphQLFormattedError } from 'graphql';
import type { BoundedCache } from '../core/bounded-cache.js';

export type JsonObject = Record<string, unknown>;

/** A request to a subgraph as JSON text, each entity asked for once, and the way back to what was asked. */
export interface SubgraphBody {
  readonly text: string;
  /** The answer's data with one entity for each representation that the executor sent, repeated ones too. */
  expand(data: JsonObject | null | undefined): JsonObject | null | undefined;
  /** An error's path with the index of the first representation that it concerns. */
  expandError(error: GraphQLFormattedError): GraphQLFormattedError;
}

/**
 * Apollo's executor asks for the same entity as often as it appears in the answer. Here representations are written to JSON
 * once, and the texts tell which are the same.
 * @param queries texts of queries already written as JSON strings, which is what takes time in a small request
 */
export function createSubgraphBody(
  query: string,
  variables: Readonly<JsonObject>,
  operationName: string | undefined,
  queries: BoundedCache<string, string>,
): SubgraphBody {
  const { representations, ...others } = variables;
  const rest = Object.entries(others).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const name = operationName === undefined ? '' : `,"operationName":${JSON.stringify(operationName)}`;
  const toText = (parts: readonly string[]) =>
    `{"query":${readQueryText(query, queries)}${name},"variables":{${parts.join(',')}}}`;
  if (!Array.isArray(representations)) {
    return { text: toText(rest), expand: (data) => data, expandError: (error) => error };
  }
  const { texts, indexes, firsts } = deduplicate(representations);
  const text = toText([...rest, `"representations":[${texts.join(',')}]`]);
  if (texts.length === representations.length) return { text, expand: (data) => data, expandError: (error) => error };
  return {
    text,
    expand: (data) => expandEntities(data, indexes),
    expandError: (error) => {
      const index = error.path?.[0] === '_entities' ? error.path[1] : undefined;
      if (typeof index !== 'number' || !error.path) return error;
      return { ...error, path: ['_entities', firsts[index] ?? index, ...error.path.slice(2)] };
    },
  };
}

function readQueryText(query: string, queries: BoundedCache<string, string>): string {
  const known = queries.get(query);
  if (known !== undefined) return known;
  const text = JSON.stringify(query);
  queries.set(query, text);
  return text;
}

interface Deduplicated {
  /** Distinct representations as JSON, in the order of their first appearance. */
  readonly texts: readonly string[];
  /** For each representation, which text it is. */
  readonly indexes: readonly number[];
  /** For each text, which representation it first was. */
  readonly firsts: readonly number[];
}

function deduplicate(representations: readonly unknown[]): Deduplicated {
  const known = new Map<string, number>();
  const firsts: number[] = [];
  const indexes = representations.map((representation, position) => {
    const text = JSON.stringify(representation);
    const index = known.get(text);
    if (index !== undefined) return index;
    known.set(text, known.size);
    firsts.push(position);
    return known.size - 1;
  });
  return { texts: [...known.keys()], indexes, firsts };
}

/** Copies each repeated entity's own fields: the executor writes into what it is given. */
function expandEntities(data: JsonObject | null | undefined, indexes: readonly number[]) {
  const entities = data?._entities;
  if (!data || !Array.isArray(entities)) return data;
  return {
    ...data,
    _entities: indexes.map((index) => {
      const entity: unknown = entities[index];
      return isObject(entity) ? { ...entity } : entity;
    }),
  };
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
