import { GraphQLError, type GraphQLFormattedError, Kind, parse } from 'graphql';
import { type ErrorCode, SciclomaticError } from '../core/errors.js';
import { isObject, type JsonObject } from './subgraph-body.js';
import type { SubgraphAnswer } from './subgraph-endpoint.js';

export interface ParsedAnswer {
  readonly data: JsonObject | null | undefined;
  readonly errors: readonly GraphQLFormattedError[];
}

/**
 * Reads a subgraph's answer. A status other than 200 with GraphQL errors in the body counts as those errors.
 * @throws SOURCE_INVALID_ANSWER when it is no GraphQL answer, SOURCE_UNAVAILABLE or RATE_LIMITED when the status says so
 */
export function readAnswer({ status, text }: SubgraphAnswer, source: string): ParsedAnswer {
  const body = parseJson(text);
  if (!isObject(body) || !('data' in body || 'errors' in body)) throw describeStrangeAnswer(status, source);
  const { data, errors } = body;
  const dataIsRead = data === undefined || data === null || isObject(data);
  const errorsAreRead = errors === undefined || errors === null || (Array.isArray(errors) && errors.every(isObject));
  if (!dataIsRead || !errorsAreRead) throw describeStrangeAnswer(status, source);
  const read = Array.isArray(errors) ? errors.filter(isObject).map((error) => readError(error, source)) : [];
  if (!data && read.length === 0) throw describeStrangeAnswer(status, source);
  return { data, errors: read };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describeStrangeAnswer(status: number, source: string): SciclomaticError {
  const codes: Partial<Record<number, ErrorCode>> = { 429: 'RATE_LIMITED', 502: 'SOURCE_UNAVAILABLE' };
  const code = codes[status] ?? (status >= 500 ? 'SOURCE_UNAVAILABLE' : 'SOURCE_INVALID_ANSWER');
  const what = status === 200 ? 'no GraphQL answer' : `HTTP ${status} and no GraphQL answer`;
  return new SciclomaticError(code, `Subgraph ${source} gave ${what}`, { source });
}

/** An error as a subgraph wrote it: its own code and source stay; without a source it is the subgraph's. */
function readError(error: JsonObject, source: string): GraphQLFormattedError {
  const extensions = isObject(error.extensions) ? error.extensions : {};
  const path = Array.isArray(error.path) ? error.path.filter(isPathPart) : undefined;
  return {
    message: typeof error.message === 'string' ? error.message : 'The subgraph gave no message',
    ...(path ? { path } : {}),
    extensions: {
      ...extensions,
      code: typeof extensions.code === 'string' ? extensions.code : 'INTERNAL',
      source: typeof extensions.source === 'string' ? extensions.source : source,
    },
  };
}

const isPathPart = (part: unknown): part is string | number => typeof part === 'string' || typeof part === 'number';

/** No data, and why. */
export interface FailedAnswer {
  readonly data: null;
  readonly errors: readonly GraphQLFormattedError[];
}

/**
 * What the executor is told of a fetch that failed as a whole: an error at each field that becomes null for it.
 * @param path where the fetched things stand in the client's answer, lists as `@`
 * @throws GraphQLError for a fetch of entities: one error, placed at the nearest field above them all
 */
export function failFetch(error: SciclomaticError, query: string, path: readonly (string | number)[]): FailedAnswer {
  const extensions = {
    code: error.code,
    ...(error.source === undefined ? {} : { source: error.source }),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  };
  const fields = readRootFields(query);
  if (fields.includes('_entities')) {
    const list = path.indexOf('@');
    throw new GraphQLError(error.message, { path: list < 0 ? path : path.slice(0, list), extensions });
  }
  return { data: null, errors: fields.map((field) => ({ message: error.message, path: [field], extensions })) };
}

/** Response names of a query's root fields; the planner writes them without fragments or directives that matter here. */
function readRootFields(query: string): readonly string[] {
  const operation = parse(query, { noLocation: true }).definitions.find(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION,
  );
  return (operation?.selectionSet.selections ?? [])
    .filter((selection) => selection.kind === Kind.FIELD)
    .map((field) => field.alias?.value ?? field.name.value);
}
