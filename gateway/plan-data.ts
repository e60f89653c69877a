import type { FetchDataRewrite, QueryPlanSelectionNode } from '@apollo/query-planner';
import { type GraphQLSchema, isAbstractType, isInterfaceType, isObjectType } from 'graphql';
import { isObject, type JsonObject } from './subgraph-body.js';

/** Operations on the data of subgraphs while a plan is executed. All of them write in place. */

/** Would reach the prototype of what it is written to. No client can ask for it, and a subgraph that sends it is ignored. */
const FORBIDDEN_KEY = '__proto__';

/** Adds what a subgraph gave to what is known: objects field by field, lists of equal length item by item. */
export function mergeData(target: JsonObject, source: Readonly<JsonObject>): void {
  for (const key of Object.keys(source)) {
    const given = source[key];
    if (given === undefined || key === FORBIDDEN_KEY) continue;
    const known = target[key];
    if (isObject(known) && isObject(given)) mergeData(known, given);
    else if (Array.isArray(known) && Array.isArray(given) && known.length === given.length) mergeLists(known, given);
    else target[key] = given;
  }
}

function mergeLists(target: unknown[], source: readonly unknown[]): void {
  for (let index = 0; index < source.length; index++) {
    const [known, given] = [target[index], source[index]];
    if (isObject(known) && isObject(given)) mergeData(known, given);
    else if (Array.isArray(known) && Array.isArray(given) && known.length === given.length) mergeLists(known, given);
    else target[index] = given;
  }
}

/** The objects at a path below a value, `@` for the items of a list; nulls are left out. */
export function collectObjects(value: unknown, path: readonly (string | number)[], from = 0): JsonObject[] {
  const found: JsonObject[] = [];
  visit(value, path, from, (object) => found.push(object));
  return found;
}

function visit(
  value: unknown,
  path: readonly (string | number)[],
  position: number,
  onObject: (object: JsonObject) => void,
): void {
  if (Array.isArray(value)) {
    const next = path[position] === '@' ? position + 1 : position;
    for (const item of value) visit(item, path, next, onObject);
  } else if (isObject(value)) {
    const key = path[position];
    if (key === undefined) onObject(value);
    else visit(value[key], path, position + 1, onObject);
  }
}

/** Where an object stands below a value: the path with the index of each list; undefined when it is not there. */
export function locateObject(
  value: unknown,
  path: readonly (string | number)[],
  wanted: JsonObject,
): (string | number)[] | undefined {
  if (Array.isArray(value)) {
    const rest = path[0] === '@' ? path.slice(1) : path;
    for (const [index, item] of value.entries()) {
      const found = locateObject(item, rest, wanted);
      if (found) return [index, ...found];
    }
    return undefined;
  }
  const [key, ...rest] = path;
  if (key === undefined) return value === wanted ? [] : undefined;
  const found = isObject(value) ? locateObject(value[key], rest, wanted) : undefined;
  return found && [key, ...found];
}

/**
 * What a fetch needs to know of an entity; null when some of it is missing, because the fetch that would have given it
 * failed, or when the entity is of another type.
 */
export function selectRepresentation(
  schema: GraphQLSchema,
  entity: JsonObject,
  selections: readonly QueryPlanSelectionNode[],
): JsonObject | null {
  const selected: JsonObject = {};
  for (const selection of selections) {
    if (selection.kind === 'InlineFragment') {
      const { typeCondition } = selection;
      if (typeCondition === undefined || !isOfType(schema, entity, typeCondition, false)) continue;
      const inner = selectRepresentation(schema, entity, selection.selections);
      if (inner) mergeData(selected, inner);
      continue;
    }
    const name = selection.alias ?? selection.name;
    const value = entity[name];
    if (value === undefined) return null;
    const { selections: below } = selection;
    selected[name] = below ? selectBelow(schema, value, below) : value;
  }
  return selected;
}

function selectBelow(schema: GraphQLSchema, value: unknown, selections: readonly QueryPlanSelectionNode[]): unknown {
  if (Array.isArray(value)) return value.map((item) => selectBelow(schema, item, selections));
  return isObject(value) ? selectRepresentation(schema, value, selections) : value;
}

/** Renames keys and sets values as the planner asks, where subgraphs call a thing otherwise than the supergraph does. */
export function applyRewrites(schema: GraphQLSchema, rewrites: readonly FetchDataRewrite[], value: unknown): void {
  for (const rewrite of rewrites) applyRewrite(schema, rewrite, value, 0);
}

function applyRewrite(schema: GraphQLSchema, rewrite: FetchDataRewrite, value: unknown, position: number): void {
  if (Array.isArray(value)) {
    for (const item of value) applyRewrite(schema, rewrite, item, position);
    return;
  }
  const key = rewrite.path[position];
  if (!isObject(value) || key === undefined) return;
  if (key.startsWith('... on ')) {
    if (isOfType(schema, value, key.slice('... on '.length), true)) applyRewrite(schema, rewrite, value, position + 1);
  } else if (position < rewrite.path.length - 1) {
    applyRewrite(schema, rewrite, value[key], position + 1);
  } else if (rewrite.kind === 'ValueSetter') {
    value[key] = rewrite.setValueTo as unknown;
  } else if (value[key] !== undefined && value[key] !== null) {
    value[rewrite.renameKeyTo] = value[key];
    delete value[key];
  }
}

/** @param unknown the answer when the object does not say what it is */
function isOfType(schema: GraphQLSchema, object: JsonObject, condition: string, unknown: boolean): boolean {
  const name = object.__typename;
  if (typeof name !== 'string') return unknown;
  if (name === condition) return true;
  const [type, wanted] = [schema.getType(name), schema.getType(condition)];
  return isAbstractType(wanted) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(wanted, type);
}
