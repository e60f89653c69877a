import type { FetchNode, PlanNode } from '@apollo/query-planner';
import { trace } from '@opentelemetry/api';
import { type ExecutionResult, GraphQLError, type GraphQLFormattedError } from 'graphql';
import { SciclomaticError } from '../core/errors.js';
import { createAnswerShapes } from './answer-shape.js';
import type { ExecutableOperation, PlanExecutor, ReadSources } from './execute.js';
import { applyRewrites, collectObjects, locateObject, mergeData, selectRepresentation } from './plan-data.js';
import { isObject, type JsonObject } from './subgraph-body.js';
import type { SubgraphSource } from './subgraph-source.js';

type Path = readonly (string | number)[];

interface Execution {
  readonly operation: ExecutableOperation;
  readonly sources: Readonly<Record<string, SubgraphSource>>;
  /** What subgraphs gave so far, merged. */
  readonly root: JsonObject;
  readonly errors: GraphQLError[];
}

const tracer = trace.getTracer('sciclomatic-gateway');

/**
 * Executes plans of Apollo's planner. In place of Apollo's own executor because the shape of an answer is compiled once for
 * each document and then filled in one walk, where Apollo's walks the operation for every object of every answer.
 */
export function createPlanExecutor(readSources: ReadSources): PlanExecutor {
  const shapes = createAnswerShapes();
  return {
    execute: async (operation) => {
      const { graph, plan } = operation;
      const execution: Execution = { operation, sources: readSources(graph), root: {}, errors: [] };
      if (plan.node) {
        if (plan.node.kind === 'Subscription') throw unsupported('Subscriptions are');
        await runNode(execution, plan.node, [execution.root], []);
      }
      const filled = shapes.read(operation).fill(execution.root, operation.variables);
      const errors = [...execution.errors, ...filled.errors.filter((error) => !isExplained(error, execution.errors))];
      const result: ExecutionResult = errors.length > 0 ? { data: filled.data, errors } : { data: filled.data };
      return result;
    },
  };
}

/** A null that must not be has its reason already when a fetch at, above or below its place failed. */
function isExplained({ path = [] }: GraphQLError, errors: readonly GraphQLError[]): boolean {
  return errors.some((error) => {
    const other = error.path ?? [];
    const shared = Math.min(path.length, other.length);
    for (let index = 0; index < shared; index++) if (path[index] !== other[index]) return false;
    return true;
  });
}

async function runNode(
  execution: Execution,
  node: PlanNode,
  targets: readonly JsonObject[],
  path: Path,
): Promise<void> {
  switch (node.kind) {
    case 'Sequence':
      for (const child of node.nodes) await runNode(execution, child, targets, path);
      return;
    case 'Parallel':
      await Promise.all(node.nodes.map((child) => runNode(execution, child, targets, path)));
      return;
    case 'Flatten':
      return runNode(execution, node.node, collectObjects(targets, node.path), [...path, ...node.path]);
    case 'Condition': {
      const chosen = execution.operation.coercedVariables[node.condition] === true ? node.ifClause : node.elseClause;
      if (chosen) await runNode(execution, chosen, targets, path);
      return;
    }
    case 'Fetch':
      if (targets.length > 0) await runFetch(execution, node, targets, path);
      return;
    case 'Defer':
      throw unsupported('@defer is');
  }
}

const unsupported = (what: string) => new SciclomaticError('UNSUPPORTED', `${what} not supported by this gateway`);

async function runFetch(execution: Execution, node: FetchNode, targets: readonly JsonObject[], path: Path) {
  const span = tracer.startSpan('gateway.fetch', { attributes: { service: node.serviceName } });
  try {
    await (node.requires ? fetchEntities(execution, node, targets, path) : fetchRoot(execution, node, targets, path));
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    execution.errors.push(error);
  } finally {
    span.end();
  }
}

async function fetchRoot(execution: Execution, node: FetchNode, targets: readonly JsonObject[], path: Path) {
  const { data, errors = [] } = await send(execution, node, readVariables(execution, node), path);
  for (const error of errors) execution.errors.push(toError(error, [...path, ...(error.path ?? [])]));
  if (!data) return;
  applyRewrites(execution.operation.graph.supergraphSchema, node.outputRewrites ?? [], data);
  for (const target of targets) mergeData(target, data);
}

async function fetchEntities(execution: Execution, node: FetchNode, targets: readonly JsonObject[], path: Path) {
  const schema = execution.operation.graph.supergraphSchema;
  const representations: JsonObject[] = [];
  const entities: JsonObject[] = [];
  for (const target of targets) {
    const representation = selectRepresentation(schema, target, node.requires ?? []);
    if (representation?.__typename === undefined || representation.__typename === null) continue;
    applyRewrites(schema, node.inputRewrites ?? [], representation);
    representations.push(representation);
    entities.push(target);
  }
  if (representations.length === 0) return;
  const variables = { ...readVariables(execution, node), representations };
  const { data, errors = [] } = await send(execution, node, variables, path);
  for (const error of errors) execution.errors.push(toError(error, placeEntityError(execution, entities, error, path)));
  if (!data) return;
  const received = data._entities;
  if (!Array.isArray(received) || received.length !== entities.length) {
    if (errors.length > 0) return;
    const message = `Subgraph ${node.serviceName} gave other entities than it was asked for`;
    const extensions = { code: 'SOURCE_INVALID_ANSWER', source: node.serviceName };
    throw new GraphQLError(message, { path: placeAbove(path), extensions });
  }
  for (const [index, entity] of entities.entries()) {
    const given: unknown = received[index];
    if (!isObject(given)) continue;
    // Rewrites go by type, and an entity that was asked for by its type need not repeat it.
    given.__typename ??= entity.__typename;
    applyRewrites(schema, node.outputRewrites ?? [], given);
    mergeData(entity, given);
  }
}

function send({ sources, operation }: Execution, node: FetchNode, variables: Readonly<JsonObject>, path: Path) {
  const source = sources[node.serviceName];
  if (!source)
    throw new SciclomaticError('INTERNAL', `The plan names a subgraph ${node.serviceName} that is not there`);
  const { operation: query, operationName } = node;
  return source.fetch({ query, variables, operationName, path, context: operation.context });
}

function readVariables({ operation }: Execution, node: FetchNode): JsonObject {
  const variables: JsonObject = {};
  for (const name of node.variableUsages ?? []) {
    if (Object.hasOwn(operation.variables, name)) variables[name] = operation.variables[name];
  }
  return variables;
}

/** `_entities, 3, health` becomes the place of the fourth entity in the answer, and its field. */
function placeEntityError(
  execution: Execution,
  entities: readonly JsonObject[],
  error: GraphQLFormattedError,
  path: Path,
): Path {
  const [first, index, ...rest] = error.path ?? [];
  const entity = first === '_entities' && typeof index === 'number' ? entities[index] : undefined;
  const place = entity && locateObject(execution.root, path, entity);
  return place ? [...place, ...rest] : placeAbove(path);
}

/** The nearest field above all that a path with lists leads to. */
function placeAbove(path: Path): Path {
  const list = path.indexOf('@');
  return list < 0 ? path : path.slice(0, list);
}

function toError(error: GraphQLFormattedError, path: Path): GraphQLError {
  return new GraphQLError(error.message, {
    ...(path.length > 0 ? { path } : {}),
    ...(error.extensions ? { extensions: error.extensions } : {}),
  });
}
