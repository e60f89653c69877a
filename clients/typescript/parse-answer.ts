import { type AnswerError, ClientError } from './client-error.js';

/** What a server answered to an operation. Both may be there: fields that failed are null in `data` and named in `errors`. */
export interface Answer<Data> {
  readonly data: Data;
  readonly errors: readonly AnswerError[];
}

/** Codes of HTTP answers without a body of ours: a proxy, a load balancer or another server spoke. */
const CODE_OF_STATUS: ReadonlyMap<number, string> = new Map([
  [401, 'UNAUTHENTICATED'],
  [403, 'FORBIDDEN'],
  [404, 'NOT_FOUND'],
  [413, 'REQUEST_TOO_LARGE'],
  [429, 'RATE_LIMITED'],
  [502, 'SOURCE_UNAVAILABLE'],
  [503, 'SOURCE_UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
]);

/**
 * Reads the HTTP answer to an operation.
 *
 * @throws ClientError with the server's code when there is no data at all, SOURCE_INVALID_ANSWER when it is no GraphQL.
 */
export async function parseAnswer<Data>(response: Response): Promise<Answer<Data>> {
  const body = parseJson(await response.text());
  if (!isRecord(body)) throw noAnswer(response);
  const errors = parseErrors(body);
  // What the fields hold is the schema's word: the operation was checked against it when it was generated.
  if (isRecord(body.data)) return { data: body.data as Data, errors };
  throw statedError(response, body) ?? noAnswer(response);
}

/** What is read of an HTTP answer: the platform's own Response, or that of a library. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

/**
 * The error of an HTTP answer about bytes: as a subgraph states it (`{errors}`), as the gateway does (`{code, message}`)
 * or, by its status, anyone's.
 */
export async function readHttpError(response: HttpAnswer): Promise<ClientError> {
  const body = parseJson(await response.text());
  return (isRecord(body) ? statedError(response, body) : undefined) ?? noAnswer(response);
}

const parseErrors = (body: Readonly<Record<string, unknown>>): readonly AnswerError[] =>
  Array.isArray(body.errors) ? body.errors.map(parseAnswerError) : [];

function statedError(response: HttpAnswer, body: Readonly<Record<string, unknown>>): ClientError | undefined {
  const errors = parseErrors(body);
  const [first] = errors;
  if (first === undefined) return plainError(response, body);
  return new ClientError(first.code, first.message, {
    source: first.source,
    httpStatus: response.status,
    errors,
    retryAfterMs: first.retryAfterMs ?? retryAfterMsOf(response),
  });
}

function plainError(response: HttpAnswer, body: Readonly<Record<string, unknown>>): ClientError | undefined {
  if (typeof body.code !== 'string') return undefined;
  return new ClientError(body.code, typeof body.message === 'string' ? body.message : body.code, {
    source: typeof body.source === 'string' ? body.source : null,
    httpStatus: response.status,
    retryAfterMs: retryAfterMsOf(response),
  });
}

function noAnswer(response: HttpAnswer): ClientError {
  const code = CODE_OF_STATUS.get(response.status) ?? 'SOURCE_INVALID_ANSWER';
  return new ClientError(code, `The server answered HTTP ${response.status} without an answer of this API`, {
    httpStatus: response.status,
    retryAfterMs: retryAfterMsOf(response),
  });
}

function parseAnswerError(value: unknown): AnswerError {
  const error = isRecord(value) ? value : {};
  const extensions = isRecord(error.extensions) ? error.extensions : {};
  return {
    code: typeof extensions.code === 'string' ? extensions.code : 'INTERNAL',
    message: typeof error.message === 'string' ? error.message : 'The server gave no message',
    source: typeof extensions.source === 'string' ? extensions.source : null,
    path: Array.isArray(error.path) ? error.path.filter(isPathPart) : null,
    retryAfterMs: typeof extensions.retryAfterMs === 'number' ? extensions.retryAfterMs : null,
  };
}

/** Retry-After in seconds; its date form is not read, since the two clocks may differ. */
function retryAfterMsOf(response: HttpAnswer): number | null {
  const header = response.headers.get('retry-after');
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isPathPart = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number';
