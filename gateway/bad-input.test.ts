import { afterEach, describe, expect, it } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { createTestBench } from './test-gateway.js';
import { ask, type TestAnswer } from './test-graph.js';

const bench = await createTestBench();
const { startGateway, startSubgraph } = bench;
afterEach(bench.stop);

const startBooks = async () => {
  const books = await startSubgraph('books');
  return { books, gateway: await startGateway({ subgraphs: { books } }) };
};

const post = async (fetch: (request: Request) => Promise<Response>, body: BodyInit, type = 'application/json') => {
  const init: RequestInit & { duplex: 'half' } = {
    method: 'POST',
    body,
    headers: { 'content-type': type },
    duplex: 'half',
  };
  const response = await fetch(new Request('http://gateway.test/graphql', init));
  return { status: response.status, body: (await response.json()) as TestAnswer };
};

describe('a request that is too large', () => {
  it('is refused with 413 before it is parsed: a query of 2 MB', async () => {
    const { gateway, books } = await startBooks();
    const query = `{ ${'books { title } '.repeat(125_000)} }`;
    const { status, body } = await ask(gateway.fetch, query);
    expect(status).toBe(413);
    expect(body.errors?.[0]).toMatchObject({ extensions: { code: 'REQUEST_TOO_LARGE' } });
    expect(body.errors?.[0]?.message).toContain('262144');
    expect(books.requests).toHaveLength(0);
  });

  it('is refused while it streams, over a socket too', async () => {
    const { gateway } = await startBooks();
    const { url } = await gateway.listen({ host: '127.0.0.1', port: 0 });
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent++;
        controller.enqueue(new Uint8Array(64 * 1024).fill(32));
      },
    });
    const { status, body } = await post((request) => fetch(`${url}/graphql`, request), endless);
    expect(status).toBe(413);
    expect(body.errors?.[0]?.extensions.code).toBe('REQUEST_TOO_LARGE');
    expect(sent).toBeLessThan(1_000);
  });
});

describe('an operation that is too costly', () => {
  const deep = (levels: number) => `{ book(id: "1") { ${'sequel { '.repeat(levels)} id ${'} '.repeat(levels)} } }`;
  const cases: [string, string, string][] = [
    ['depth', deep(20), '20'],
    ['depth hidden in fragments', `{ book(id: "1") { ...A } } ${fragmentChain(25)}`, '20'],
    ['aliases', `{ books { ${Array.from({ length: 101 }, (_, n) => `b${n}: id`).join(' ')} } }`, '100'],
    ['root fields', `{ ${Array.from({ length: 51 }, (_, n) => `b${n}: __typename`).join(' ')} }`, '50'],
    ['fragments that double each other', `{ book(id: "1") { ...F20 } } ${doublingFragments(20)}`, '2000'],
    ['tokens', `{ ${'books { id } '.repeat(2_500)} }`, '10000'],
  ];

  it.each(cases)('%s', async (_name, query, maximum) => {
    const { gateway, books } = await startBooks();
    const { status, body } = await ask(gateway.fetch, query);
    expect(status).toBe(400);
    const limit = body.errors?.find(({ extensions }) => extensions.code === 'LIMIT_EXCEEDED');
    expect(limit?.message).toContain(maximum);
    expect(books.requests).toHaveLength(0);
  });

  it('is not the introspection query, nor fragments in a circle (which are wrong for another reason)', async () => {
    const { gateway } = await startBooks();
    const introspection = await ask(gateway.fetch, getIntrospectionQuery());
    expect(introspection.body.errors).toBeUndefined();
    expect(introspection.body.data).toHaveProperty('__schema');
    const circle = await ask(
      gateway.fetch,
      '{ book(id: "1") { ...A } } fragment A on Book { ...B } fragment B on Book { ...A }',
    );
    expect(circle.body.errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_INPUT']);
  });

  function fragmentChain(levels: number): string {
    const name = (level: number) => (level === 0 ? 'A' : `A${level}`);
    return Array.from(
      { length: levels },
      (_, level) =>
        `fragment ${name(level)} on Book { sequel { ${level === levels - 1 ? 'id' : `...${name(level + 1)}`} } }`,
    ).join(' ');
  }

  function doublingFragments(levels: number): string {
    return Array.from({ length: levels + 1 }, (_, level) =>
      level === 0 ? 'fragment F0 on Book { id }' : `fragment F${level} on Book { ...F${level - 1} ...F${level - 1} }`,
    ).join(' ');
  }
});

describe('an operation that is wrong', () => {
  it('names the place and what may have been meant', async () => {
    const { gateway } = await startBooks();
    const { status, body } = await ask(gateway.fetch, '{ bookz { id } }');
    expect(status).toBe(400);
    expect(body.errors?.[0]).toMatchObject({ locations: [{ line: 1, column: 3 }], extensions: { code: 'BAD_INPUT' } });
    expect(body.errors?.[0]?.message).toMatch(/Did you mean.*books/);
  });

  it.each([
    ['syntax', '{ books { ', {}],
    ['a variable that is missing', 'query ($id: ID!) { book(id: $id) { id } }', {}],
    ['a variable of the wrong type', 'query ($id: ID!) { book(id: $id) { id } }', { id: {} }],
    ['two operations and no name', 'query A { books { id } } query B { books { id } }', {}],
    ['an empty query', '', {}],
  ])('%s', async (_name, query, variables) => {
    const { gateway } = await startBooks();
    const { status, body } = await ask(gateway.fetch, query, { variables });
    expect(status).toBe(400);
    expect(body.errors?.[0]?.extensions).toEqual({ code: 'BAD_INPUT' });
  });

  it('a body that is no JSON', async () => {
    const { gateway } = await startBooks();
    const { status, body } = await post(gateway.fetch, '{"query": ');
    expect(status).toBe(400);
    expect(body.errors?.[0]?.extensions.code).toBe('BAD_INPUT');
  });

  it('a subscription, which the graph does not have', async () => {
    const { gateway } = await startBooks();
    const { status, body } = await ask(gateway.fetch, 'subscription { anything }');
    expect([status, body.errors?.[0]?.extensions]).toEqual([400, { code: 'BAD_INPUT' }]);
  });

  it('a mutation by GET', async () => {
    const { gateway, books } = await startBooks();
    const query = encodeURIComponent('mutation { addBook(title: "x") { id } }');
    const headers = { 'apollo-require-preflight': '1' };
    const response = await gateway.fetch(new Request(`http://gateway.test/graphql?query=${query}`, { headers }));
    expect(response.status).toBe(405);
    expect(books.requests).toHaveLength(0);
  });
});

describe('requests from other sites', () => {
  const query = JSON.stringify({ query: '{ books { id } }' });

  it('are refused when a page could send them without asking', async () => {
    const { gateway, books } = await startBooks();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const { status, body } = await post(gateway.fetch, query, type);
      expect(status).toBe(400);
      expect(body.errors?.[0]?.message).toContain('Cross-Site Request Forgery');
      expect(body.errors?.[0]?.extensions.code).toBe('BAD_INPUT');
    }
    const get = new Request(`http://gateway.test/graphql?query=${encodeURIComponent('{ books { id } }')}`);
    expect((await gateway.fetch(get)).status).toBe(400);
    expect(books.requests).toHaveLength(0);
  });

  it('may be read by the origins that the settings name, and by no other', async () => {
    const origin = 'https://portal.example';
    const request = (from: string) =>
      new Request('http://gateway.test/graphql', {
        method: 'POST',
        body: query,
        headers: { 'content-type': 'application/json', origin: from },
      });
    const allowed = async (from: string, corsOrigins: string[]) => {
      const gateway = await startGateway({ subgraphs: { books: await startSubgraph('books') }, corsOrigins });
      const response = await gateway.fetch(request(from));
      return response.headers.get('access-control-allow-origin');
    };
    expect(await allowed(origin, [])).toBeNull();
    expect(await allowed(origin, [origin])).toBe(origin);
    expect(await allowed('https://evil.example', [origin])).toBeNull();
    expect(await allowed(origin, ['*'])).toBe('*');
  });

  it('cannot make the gateway name an origin of theirs', async () => {
    const { gateway, books } = await startBooks();
    await ask(gateway.fetch, '{ books { id } }', { headers: { host: 'evil.example/" onload=' } });
    expect(books.requests[0]?.headers.get('x-sc-public-url')).toBeNull();
  });
});

it('the schema that clients see is the composed one, without federation’s own types', async () => {
  const { gateway } = await startBooks();
  const { body } = await ask(gateway.fetch, '{ __schema { types { name } } }');
  const names = JSON.stringify(body.data);
  expect(names).toContain('Review');
  expect(names).not.toMatch(/_Entity|_Any|join__/);
});
