import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { composeServices } from '@apollo/composition';
import { ApolloServer, HeaderMap } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { getRequestListener } from '@hono/node-server';
import { GraphQLError, parse } from 'graphql';

/** Two subgraphs that share an entity, for tests of the gateway. */
const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';

export const BOOKS_SDL = `${LINK}
type Query {
  books: [Book!]
  book(id: ID!): Book
  refuse(code: String, source: String, message: String): String
  crash: String
  wait: String
}
type Mutation { addBook(title: String!): Book }
type Book @key(fields: "id") { id: ID! title: String! sequel: Book }`;

export const REVIEWS_SDL = `${LINK}
type Query { newestReview: Review }
type Review { body: String! book: Book! }
type Book @key(fields: "id") { id: ID! reviews: [Review!] }`;

/** Composed with these routing URLs. @param books more SDL for the first subgraph */
export function composeTestGraph(urls: { books: string; reviews: string }, books = ''): string {
  const result = composeServices([
    { name: 'books', url: urls.books, typeDefs: parse(BOOKS_SDL + books) },
    { name: 'reviews', url: urls.reviews, typeDefs: parse(REVIEWS_SDL) },
  ]);
  if (result.supergraphSdl === undefined) throw new Error(String(result.errors));
  return result.supergraphSdl;
}

/** Never listens anywhere. */
export const NOWHERE = {
  books: 'http://books.subgraph.invalid/graphql',
  reviews: 'http://reviews.subgraph.invalid/graphql',
};

export interface TestSubgraph {
  /** Bodies of the requests that came, in order. */
  readonly requests: {
    readonly headers: Headers;
    readonly body: { query: string; variables?: Record<string, unknown> };
  }[];
  fetch(request: Request): Promise<Response>;
  stop(): Promise<void>;
}

interface TestSubgraphOptions {
  /** Called before each request; what it throws becomes a 401. */
  readonly verify?: (headers: Headers) => Promise<unknown>;
  /** `wait` answers when this is over. */
  readonly waitFor?: Promise<unknown>;
}

const BOOKS = [
  { id: '1', title: 'Chaos' },
  { id: '2', title: 'Attractors' },
  { id: '3', title: 'Order' },
];

function createResolvers(options: TestSubgraphOptions) {
  const findBook = (id: string) => BOOKS.find((book) => book.id === id) ?? null;
  return {
    books: {
      Query: {
        books: () => BOOKS,
        book: (_: unknown, { id }: { id: string }) => findBook(id),
        refuse: (_: unknown, { code, source, message }: Record<string, string | undefined>) => {
          throw new GraphQLError(message ?? 'refused', {
            extensions: { ...(code ? { code } : {}), ...(source ? { source } : {}) },
          });
        },
        crash: () => {
          throw new TypeError('secret of the inside');
        },
        wait: async () => {
          await options.waitFor;
          return 'done';
        },
      },
      Mutation: { addBook: (_: unknown, { title }: { title: string }) => ({ id: '9', title }) },
      Book: {
        __resolveReference: ({ id }: { id: string }) => findBook(id),
        sequel: ({ id }: { id: string }) => findBook(String(Number(id) + 1)),
      },
    },
    reviews: {
      Query: { newestReview: () => ({ body: 'Newest', book: { id: '2' } }) },
      Book: {
        reviews: ({ id }: { id: string }) => [{ body: `Review of ${id}`, book: { id } }],
      },
    },
  };
}

/** A real @apollo/subgraph schema behind a fetch function. */
export async function createTestSubgraph(
  name: 'books' | 'reviews',
  options: TestSubgraphOptions = {},
): Promise<TestSubgraph> {
  const typeDefs = parse(name === 'books' ? BOOKS_SDL : REVIEWS_SDL);
  const server = new ApolloServer({
    schema: buildSubgraphSchema({ typeDefs, resolvers: createResolvers(options)[name] }),
    nodeEnv: 'production',
    plugins: [ApolloServerPluginInlineTraceDisabled()],
    stopOnTerminationSignals: false,
  });
  await server.start();
  const requests: TestSubgraph['requests'] = [];
  return {
    requests,
    fetch: async (request) => {
      const body = (await request.json()) as TestSubgraph['requests'][number]['body'];
      requests.push({ headers: request.headers, body });
      try {
        await options.verify?.(request.headers);
      } catch (error) {
        const errors = [{ message: String(error), extensions: { code: 'UNAUTHENTICATED' } }];
        return Response.json({ errors }, { status: 401 });
      }
      const headers = new HeaderMap();
      for (const [key, value] of request.headers) headers.set(key, value);
      const answer = await server.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method: request.method, headers, search: '', body },
        context: () => Promise.resolve({}),
      });
      if (answer.body.kind !== 'complete') throw new Error('not in one piece');
      return new Response(answer.body.string, { status: answer.status ?? 200, headers: [...answer.headers] });
    },
    stop: () => server.stop(),
  };
}

export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  close(): Promise<void>;
}

/** A fetch function on 127.0.0.1. @param port 0 = any free one */
export async function serveTest(
  fetch: (request: Request) => Promise<Response> | Response,
  port = 0,
): Promise<TestServer> {
  const listener = getRequestListener(fetch, { overrideGlobalObjects: false });
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Asks a gateway's fetch function. */
export async function ask(
  fetch: (request: Request) => Promise<Response>,
  query: string,
  options: { readonly variables?: Record<string, unknown>; readonly headers?: Record<string, string> } = {},
): Promise<{ readonly status: number; readonly headers: Headers; readonly body: TestAnswer }> {
  const response = await fetch(
    new Request('http://gateway.test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', host: 'gateway.test', ...options.headers },
      body: JSON.stringify({ query, variables: options.variables }),
    }),
  );
  return { status: response.status, headers: response.headers, body: (await response.json()) as TestAnswer };
}

export interface TestAnswer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly locations?: readonly object[];
    readonly extensions: Record<string, unknown>;
  }[];
}
