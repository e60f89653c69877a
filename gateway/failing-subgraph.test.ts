import { afterEach, describe, expect, it } from '@jest/globals';
import { createTestBench } from './test-gateway.js';
import { ask, composeTestGraph, serveTest } from './test-graph.js';

const bench = await createTestBench();
const { startGateway, startSubgraph, serve } = bench;
afterEach(bench.stop);

const QUERY = '{ books { title reviews { body } } }';
const WITHOUT_REVIEWS = [
  { title: 'Chaos', reviews: null },
  { title: 'Attractors', reviews: null },
  { title: 'Order', reviews: null },
];

/** A gateway whose books work and whose reviews answer as told. */
async function startWithReviews(answer: (request: Request) => Promise<Response> | Response) {
  const reviews = await serve(answer);
  const sdl = composeTestGraph({ books: 'http://books.subgraph.invalid', reviews: `${reviews.url}/graphql` });
  const books = await startSubgraph('books');
  return { gateway: await startGateway({ supergraph: { sdl }, subgraphs: { books } }), reviews };
}

describe('a subgraph that is down', () => {
  it('does not keep the gateway from starting, makes its fields null, and heals', async () => {
    const reviewsSubgraph = await startSubgraph('reviews');
    // A port that was free a moment ago: nobody listens there until the subgraph comes back.
    const port = await serveTest(() => new Response()).then(async (server) => {
      await server.close();
      return server.port;
    });
    const sdl = composeTestGraph({ books: 'http://unused.invalid', reviews: `http://127.0.0.1:${port}/graphql` });
    const gateway = await startGateway({ supergraph: { sdl }, subgraphs: { books: await startSubgraph('books') } });

    const down = await ask(gateway.fetch, QUERY);
    expect(down.status).toBe(200);
    expect(down.body.data).toEqual({ books: WITHOUT_REVIEWS });
    expect(down.body.errors).toEqual([
      {
        message: 'Subgraph reviews does not answer',
        path: ['books'],
        extensions: { code: 'SOURCE_UNAVAILABLE', source: 'reviews' },
      },
    ]);
    expect(await gateway.checkHealth()).toMatchObject({
      state: 'DEGRADED',
      parts: { 'subgraph:books': { state: 'READY' }, 'subgraph:reviews': { state: 'NOT_READY' } },
    });

    await serve(reviewsSubgraph.fetch, port);
    const healed = await ask(gateway.fetch, QUERY);
    expect(healed.body.errors).toBeUndefined();
    expect(healed.body.data).toMatchObject({ books: [{ reviews: [{ body: 'Review of 1' }] }, {}, {}] });
    expect((await gateway.checkHealth()).state).toBe('READY');
  });

  it('has an error at each of its root fields, and loses nothing of the others', async () => {
    const gateway = await startGateway({ subgraphs: { books: await startSubgraph('books') } });
    const { body } = await ask(gateway.fetch, '{ latest: newestReview { body } book(id: "1") { title } }');
    expect(body.data).toEqual({ latest: null, book: { title: 'Chaos' } });
    expect(body.errors).toHaveLength(1);
    expect(body.errors?.[0]).toMatchObject({
      path: ['latest'],
      extensions: { code: 'SOURCE_UNAVAILABLE', source: 'reviews' },
    });
  });

  it('makes the gateway not ready when no other answers', async () => {
    const gateway = await startGateway();
    const response = await gateway.fetch(new Request('http://gateway.test/health/ready'));
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ state: 'NOT_READY' });
  });
});

describe('a subgraph that answers badly', () => {
  it.each([
    ['HTML', () => new Response('<html>', { headers: { 'content-type': 'text/html' } }), 'SOURCE_INVALID_ANSWER'],
    ['JSON that is no answer', () => Response.json({ hello: 1 }), 'SOURCE_INVALID_ANSWER'],
    ['data of the wrong kind', () => Response.json({ data: [1] }), 'SOURCE_INVALID_ANSWER'],
    ['null and no error', () => Response.json({ data: null }), 'SOURCE_INVALID_ANSWER'],
    ['HTTP 500', () => new Response('broken', { status: 500 }), 'SOURCE_UNAVAILABLE'],
    ['HTTP 404', () => new Response('not here', { status: 404 }), 'SOURCE_INVALID_ANSWER'],
    ['HTTP 429', () => new Response('slower', { status: 429 }), 'RATE_LIMITED'],
  ])('%s', async (_name, answer, code) => {
    const { gateway } = await startWithReviews(answer);
    const { body } = await ask(gateway.fetch, QUERY);
    expect(body.data).toEqual({ books: WITHOUT_REVIEWS });
    expect(body.errors?.map(({ extensions }) => extensions)).toEqual([{ code, source: 'reviews' }]);
  });

  it('a cut connection, asked once more for a query and never for a mutation', async () => {
    let asked = 0;
    const { gateway, reviews } = await startWithReviews(() => new Response());
    reviews.server.removeAllListeners('request').on('request', (incoming) => {
      asked++;
      incoming.socket.destroy();
    });
    const { body } = await ask(gateway.fetch, QUERY);
    expect(body.data).toEqual({ books: WITHOUT_REVIEWS });
    expect(body.errors?.[0]?.extensions).toEqual({ code: 'SOURCE_UNAVAILABLE', source: 'reviews' });
    expect(asked).toBe(2);

    const sdl = composeTestGraph({ books: `${reviews.url}/graphql`, reviews: `${reviews.url}/graphql` });
    const other = await startGateway({ supergraph: { sdl } });
    const mutation = await ask(other.fetch, 'mutation { addBook(title: "x") { title } }');
    expect(mutation.body.errors?.[0]).toMatchObject({ path: ['addBook'], extensions: { code: 'SOURCE_UNAVAILABLE' } });
    expect(asked).toBe(3);
  });

  it('a value that its own schema forbids', async () => {
    const books = { fetch: () => Promise.resolve(Response.json({ data: { book: { title: null } } })) };
    const gateway = await startGateway({ subgraphs: { books } });
    const { body } = await ask(gateway.fetch, '{ book(id: "1") { title } }');
    expect(body.data).toEqual({ book: null });
    expect(body.errors?.[0]?.extensions.code).toBe('SOURCE_INVALID_ANSWER');
  });
});

describe('a subgraph that is slow', () => {
  it('is cut off at the client’s deadline', async () => {
    const { gateway } = await startWithReviews(() => new Promise<Response>(() => undefined));
    const { body } = await ask(gateway.fetch, QUERY, { headers: { 'x-sc-timeout-ms': '150' } });
    expect(body.data).toEqual({ books: WITHOUT_REVIEWS });
    expect(body.errors?.[0]?.extensions).toEqual({ code: 'DEADLINE_EXCEEDED', source: 'reviews' });
  });

  it('is cut off at its own limit, in one process too', async () => {
    const reviews = { fetch: () => new Promise<Response>(() => undefined) };
    const gateway = await startGateway({
      subgraphs: { books: await startSubgraph('books'), reviews },
      subgraphTimeoutsMs: { reviews: 50 },
    });
    const { body } = await ask(gateway.fetch, QUERY);
    expect(body.errors?.[0]?.extensions).toEqual({ code: 'DEADLINE_EXCEEDED', source: 'reviews' });
  });

  it('is told when the client leaves', async () => {
    let arrived: (signal: AbortSignal) => void = () => undefined;
    const inSubgraph = new Promise<AbortSignal>((resolve) => {
      arrived = resolve;
    });
    const { gateway } = await startWithReviews((request) => {
      arrived(request.signal);
      return new Promise<Response>(() => undefined);
    });
    const { url } = await gateway.listen({ host: '127.0.0.1', port: 0 });
    const client = new AbortController();
    const asked = fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: QUERY }),
      signal: client.signal,
    }).catch((error: Error) => error.name);
    const signal = await inSubgraph;
    const cut = new Promise((resolve) => signal.addEventListener('abort', resolve));
    client.abort();
    await cut;
    expect(await asked).toBe('AbortError');
  });
});

describe('errors that a subgraph reports', () => {
  const startBooks = async () => startGateway({ subgraphs: { books: await startSubgraph('books') } });
  const refuse = (code: string, source = '', message = 'the cursor is not of this list') =>
    `{ refuse(code: "${code}", source: "${source}", message: "${message}") book(id: "1") { title } }`;

  it.each(['BAD_CURSOR', 'CURSOR_EXPIRED', 'LIMIT_EXCEEDED', 'UNKNOWN_REPOSITORY', 'OUR_OWN_CODE'])(
    'keep the code %s, their message and path, and name the subgraph',
    async (code) => {
      const { body } = await ask((await startBooks()).fetch, refuse(code));
      expect(body.data).toEqual({ refuse: null, book: { title: 'Chaos' } });
      expect(body.errors).toEqual([
        { message: 'the cursor is not of this list', path: ['refuse'], extensions: { code, source: 'books' } },
      ]);
    },
  );

  it('keep the source that they name', async () => {
    const { body } = await ask((await startBooks()).fetch, refuse('SOURCE_UNAVAILABLE', 'zenodo'));
    expect(body.errors?.[0]?.extensions).toEqual({ code: 'SOURCE_UNAVAILABLE', source: 'zenodo' });
  });

  it('are masked when they are faults: code, source, place and request id, nothing else', async () => {
    const logged: string[] = [];
    const write = (fields: object, message: string) => {
      logged.push(
        JSON.stringify(fields, (_key, value: unknown) => (value instanceof Error ? value.message : value)) + message,
      );
    };
    const log = { debug: () => undefined, info: () => undefined, warn: write, error: write, child: () => log };
    const gateway = await startGateway({ subgraphs: { books: await startSubgraph('books') }, log });
    const { body } = await ask(gateway.fetch, '{ crash }', { headers: { 'x-request-id': 'id-of-this' } });
    expect(body.errors).toEqual([
      {
        message: 'Internal error; the log has the cause under id-of-this',
        path: ['crash'],
        extensions: { code: 'INTERNAL', source: 'books', requestId: 'id-of-this' },
      },
    ]);
    expect(JSON.stringify(body)).not.toContain('secret of the inside');
    expect(logged.join()).toContain('secret of the inside');
  });

  it('reach the place of the entity that they concern', async () => {
    const reviews = {
      fetch: () =>
        Promise.resolve(
          Response.json({
            data: { _entities: [{ reviews: [] }, { reviews: null }, { reviews: [] }] },
            errors: [{ message: 'lost', path: ['_entities', 1, 'reviews'], extensions: { code: 'DATA_CORRUPT' } }],
          }),
        ),
    };
    const gateway = await startGateway({ subgraphs: { books: await startSubgraph('books'), reviews } });
    const { body } = await ask(gateway.fetch, QUERY);
    expect(body.errors).toEqual([
      { message: 'lost', path: ['books', 1, 'reviews'], extensions: { code: 'DATA_CORRUPT', source: 'reviews' } },
    ]);
    expect(body.data).toMatchObject({ books: [{ reviews: [] }, { reviews: null }, { reviews: [] }] });
  });

  it('pass when they come with a status of their own, as for a token that is refused', async () => {
    const verify = () => Promise.reject(new Error('no'));
    const gateway = await startGateway({ subgraphs: { books: await startSubgraph('books', { verify }) } });
    const { body } = await ask(gateway.fetch, '{ book(id: "1") { title } }');
    expect(body.data).toEqual({ book: null });
    expect(body.errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED', source: 'books' });
  });
});
