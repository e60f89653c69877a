import { type AnswerError, ClientError } from './client-error.js';

/** The value, or what kept it away: the first error of the answer, else NOT_FOUND. @throws ClientError */
export function required<Value>(value: Value | null, errors: readonly AnswerError[], what: string): Value {
  if (value !== null) return value;
  const [first] = errors;
  if (first === undefined) throw new ClientError('NOT_FOUND', `${what} is not there`);
  throw new ClientError(first.code, first.message, { source: first.source, errors });
}

interface Institutions {
  readonly nodes: readonly { readonly id: string; readonly publicKey: string | null }[];
}

/** Base64 of each institution's public key, by its id; those that have told none are left out. */
export const listInstitutionKeys = ({ nodes }: Institutions): Record<string, string> =>
  Object.fromEntries(nodes.flatMap(({ id, publicKey }) => (publicKey === null ? [] : [[id, publicKey]])));
