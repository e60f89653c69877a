import { type AnswerError, ClientError } from './client-error.js';

/** A page of a Relay list: its items as `nodes` or `edges`, and where it lies. */
export type Connection<Item> = {
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
} & ({ readonly nodes: readonly Item[] } | { readonly edges: readonly Item[] });

interface Page<Item> {
  readonly connection: Connection<Item> | null | undefined;
  readonly errors: readonly AnswerError[];
}

/**
 * Every item of every page, in order; a page is asked for when the one before is used up.
 *
 * @throws ClientError with the server's code when a page is null, SOURCE_INVALID_ANSWER when a list does not advance.
 */
export async function* listPages<Item>(
  readPage: (after: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<Item, void, undefined> {
  for (let after: string | undefined; ; ) {
    const { connection, errors } = await readPage(after);
    if (connection === null || connection === undefined) throw missingPage(errors);
    yield* 'nodes' in connection ? connection.nodes : connection.edges;
    const { hasNextPage, endCursor } = connection.pageInfo;
    if (!hasNextPage) return;
    if (endCursor === null || endCursor === after) {
      throw new ClientError('SOURCE_INVALID_ANSWER', 'The list says that it goes on, but its cursor does not advance');
    }
    after = endCursor;
  }
}

function missingPage(errors: readonly AnswerError[]): ClientError {
  const [first] = errors;
  if (first === undefined) return new ClientError('NOT_FOUND', 'The answer holds no such list');
  const { code, message, source, retryAfterMs } = first;
  return new ClientError(code, message, { source, errors, retryAfterMs });
}
