import {
  executeSync,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  GraphQLIncludeDirective,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { createBoundedCache } from '../core/bounded-cache.js';
import type { ExecutableOperation } from './execute.js';
import type { Graph } from './graph.js';
import { isObject, type JsonObject } from './subgraph-body.js';

/** What an operation's answer looks like. */
export interface AnswerShape {
  /**
   * The answer out of what subgraphs gave: the fields asked for in the order asked (GraphQL October 2021, §6.3), nulls where
   * the schema forbids them moved up to the nearest field that may be null (§6.4.4), values that no type allows made null.
   */
  fill(data: Readonly<JsonObject>, variables: Readonly<Record<string, unknown>>): FilledAnswer;
}

export interface FilledAnswer {
  readonly data: JsonObject | null;
  /** What subgraphs gave against the schema. */
  readonly errors: readonly GraphQLError[];
}

/** Shapes of the documents used last, compiled once for each way in which their @skip and @include fall. */
export interface AnswerShapes {
  read(operation: ExecutableOperation): AnswerShape;
}

const MAX_SHAPES = 500;

export function createAnswerShapes(): AnswerShapes {
  const graphs = new WeakMap<Graph, ReturnType<typeof createBoundedCache<string, AnswerShape>>>();
  const conditions = createBoundedCache<string, readonly string[]>(MAX_SHAPES);
  return {
    read: (operation) => {
      const { graph, documentHash, coercedVariables } = operation;
      const name = `${documentHash} ${operation.operation.name?.value ?? ''}`;
      const shapes = graphs.get(graph) ?? createBoundedCache<string, AnswerShape>(MAX_SHAPES);
      graphs.set(graph, shapes);
      const deciding = conditions.get(name) ?? listConditions(operation);
      conditions.set(name, deciding);
      const key = `${name} ${deciding.map((variable) => String(coercedVariables[variable])).join()}`;
      const known = shapes.get(key);
      if (known) return known;
      const shape = compileShape(operation);
      shapes.set(key, shape);
      return shape;
    },
  };
}

/** Variables by which fields are skipped or included. */
function listConditions({ document }: ExecutableOperation): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    [Kind.DIRECTIVE]: (directive) => {
      if (directive.name.value !== 'skip' && directive.name.value !== 'include') return;
      for (const { value } of directive.arguments ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}

/** Errors and the place that is being filled, for one answer. */
interface Filling {
  readonly errors: GraphQLError[];
  readonly path: (string | number)[];
}

/** Fills one value. undefined: null where null is forbidden; whoever is above must become null. */
type Fill = (value: unknown, filling: Filling) => unknown;

interface ShapeField {
  readonly responseName: string;
  readonly fill: Fill;
}

interface Compiler {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Readonly<Record<string, unknown>>;
}

function compileShape({ graph, document, operation, coercedVariables }: ExecutableOperation): AnswerShape {
  const schema = graph.apiSchema;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const compiler = { schema, fragments, variables: coercedVariables };
  const rootType = schema.getRootType(operation.operation);
  if (!rootType)
    throw new GraphQLError(`The schema has no ${operation.operation}`, { extensions: { code: 'BAD_INPUT' } });
  const fields = collectFields(compiler, rootType.name, [operation.selectionSet]);
  const introspection = [...fields.values()].flat().filter((node) => isIntrospection(node));
  const fillRoot = compileObject(compiler, rootType.name, [operation.selectionSet]);
  const answerIntrospection = (variables: Readonly<Record<string, unknown>>): JsonObject => {
    const used = { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections: introspection } as const };
    const { data, errors } = executeSync({
      schema,
      document: { kind: Kind.DOCUMENT, definitions: [used, ...fragments.values()] },
      variableValues: variables,
    });
    if (errors?.[0]) throw errors[0];
    return { ...data };
  };
  return {
    fill: (data, variables) => {
      const filling: Filling = { errors: [], path: [] };
      const known = introspection.length > 0 ? { ...data, ...answerIntrospection(variables) } : data;
      const filled = fillRoot(known, filling);
      return { data: isObject(filled) ? filled : null, errors: filling.errors };
    },
  };
}

const isIntrospection = (node: FieldNode) => node.name.value === '__schema' || node.name.value === '__type';

/** The fields of an object by response name, fragments spread out (GraphQL October 2021, §6.3.2). */
function collectFields(
  compiler: Compiler,
  typeName: string,
  selectionSets: readonly SelectionSetNode[],
): Map<string, FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const spread = new Set<string>();
  const collect = (selections: readonly SelectionNode[]) => {
    for (const selection of selections) {
      if (!isIncluded(compiler, selection)) continue;
      if (selection.kind === Kind.FIELD) {
        const responseName = selection.alias?.value ?? selection.name.value;
        const nodes = fields.get(responseName);
        if (nodes) nodes.push(selection);
        else fields.set(responseName, [selection]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value;
        if (condition === undefined || applies(compiler.schema, condition, typeName)) {
          collect(selection.selectionSet.selections);
        }
      } else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        const fragment = compiler.fragments.get(selection.name.value);
        if (fragment && applies(compiler.schema, fragment.typeCondition.name.value, typeName)) {
          collect(fragment.selectionSet.selections);
        }
      }
    }
  };
  for (const { selections } of selectionSets) collect(selections);
  return fields;
}

function isIncluded({ variables }: Compiler, selection: SelectionNode): boolean {
  if (!selection.directives?.length) return true;
  const skip = getDirectiveValues(GraphQLSkipDirective, selection, variables);
  const include = getDirectiveValues(GraphQLIncludeDirective, selection, variables);
  return skip?.if !== true && include?.if !== false;
}

function applies(schema: GraphQLSchema, condition: string, typeName: string): boolean {
  if (condition === typeName) return true;
  const [wanted, type] = [schema.getType(condition), schema.getType(typeName)];
  return isAbstractType(wanted) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(wanted, type);
}

/** Fills objects of one type. */
function compileObject(compiler: Compiler, typeName: string, selectionSets: readonly SelectionSetNode[]): Fill {
  const type = compiler.schema.getType(typeName);
  const fields: ShapeField[] = [];
  for (const [responseName, nodes] of collectFields(compiler, typeName, selectionSets)) {
    const name = nodes[0]?.name.value ?? '';
    if (name === '__typename') {
      // Subgraphs may call root types otherwise; and an interface is no answer to the question what an object is.
      fields.push({ responseName, fill: () => (isObjectType(type) ? typeName : undefined) });
    } else if (nodes[0] && isIntrospection(nodes[0])) {
      fields.push({ responseName, fill: (value) => value });
    } else if (isObjectType(type) || isInterfaceType(type)) {
      const definition = type.getFields()[name];
      if (!definition) continue;
      const below = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      fields.push({ responseName, fill: compileValue(compiler, definition.type, below, `${typeName}.${name}`) });
    }
  }
  return (value, filling) => {
    const given = value as Readonly<JsonObject>;
    const filled: JsonObject = {};
    for (const { responseName, fill } of fields) {
      filling.path.push(responseName);
      const result = fill(given[responseName], filling);
      filling.path.pop();
      if (result === undefined) return undefined;
      filled[responseName] = result;
    }
    return filled;
  };
}

/** @param place type and field, for messages */
function compileValue(
  compiler: Compiler,
  type: GraphQLOutputType,
  selectionSets: readonly SelectionSetNode[],
  place: string,
): Fill {
  if (isNonNullType(type)) {
    const fill = compileValue(compiler, type.ofType, selectionSets, place);
    return (value, filling) => {
      const before = filling.errors.length;
      const filled = fill(value, filling);
      if (filled !== null) return filled;
      if (filling.errors.length === before) report(filling, `A subgraph gave null for ${place}, which is never null`);
      return undefined;
    };
  }
  if (isListType(type)) return compileList(compileValue(compiler, type.ofType, selectionSets, place), place);
  if (isCompositeType(type)) return compileComposite(compiler, type.name, selectionSets, place);
  const isLegal = isEnumType(type) ? createEnumCheck(type.getValues().map(({ name }) => name)) : SCALARS[type.name];
  return (value, filling) => {
    if (value === undefined || value === null) return null;
    if (!isLegal || isLegal(value)) return value;
    report(filling, `A subgraph gave a value for ${place} that is no ${type.name}`);
    return null;
  };
}

const SCALARS: Readonly<Record<string, (value: unknown) => boolean>> = {
  Boolean: (value) => typeof value === 'boolean',
  Float: (value) => typeof value === 'number',
  Int: (value) => Number.isInteger(value),
  String: (value) => typeof value === 'string',
  ID: (value) => typeof value === 'string' || Number.isInteger(value),
};

function createEnumCheck(names: readonly string[]): (value: unknown) => boolean {
  const known = new Set<unknown>(names);
  return (value) => known.has(value);
}

function compileList(fillItem: Fill, place: string): Fill {
  return (value, filling) => {
    if (value === undefined || value === null) return null;
    if (!Array.isArray(value)) {
      report(filling, `A subgraph gave something for ${place} that is no list`);
      return null;
    }
    const filled: unknown[] = [];
    let forbidden = false;
    for (let index = 0; index < value.length; index++) {
      filling.path.push(index);
      const item = fillItem(value[index], filling);
      filling.path.pop();
      if (item === undefined) forbidden = true;
      filled.push(item);
    }
    return forbidden ? null : filled;
  };
}

/** Objects say what they are where the schema leaves it open; a filler is compiled for each type that comes. */
function compileComposite(
  compiler: Compiler,
  declared: string,
  selectionSets: readonly SelectionSetNode[],
  place: string,
): Fill {
  const fillers = new Map<string, Fill>();
  return (value, filling) => {
    if (value === undefined || value === null) return null;
    const typeName = isObject(value) ? (value.__typename ?? declared) : undefined;
    if (typeof typeName !== 'string' || !isCompositeType(compiler.schema.getType(typeName))) {
      // The type's name is not told: it may be one that the supergraph hides.
      report(filling, `A subgraph gave something for ${place} that is no object of the schema`);
      return null;
    }
    let fill = fillers.get(typeName);
    if (!fill) {
      fill = compileObject(compiler, typeName, selectionSets);
      fillers.set(typeName, fill);
    }
    return fill(value, filling) ?? null;
  };
}

function report({ errors, path }: Filling, message: string): void {
  errors.push(new GraphQLError(message, { path: [...path], extensions: { code: 'SOURCE_INVALID_ANSWER' } }));
}
