import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { parseConfig } from '../core/config.js';
import { silentLogger } from '../core/log.js';
import { gatewayConfigSchema, toGatewayOptions } from './config.js';
import { createGateway } from './gateway.js';
import { createTestBench } from './test-gateway.js';
import { ask, composeTestGraph, NOWHERE } from './test-graph.js';

const bench = await createTestBench();
const { startGateway, startSubgraph } = bench;
afterEach(bench.stop);

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sc-gateway-'));
  await mkdir(join(dir, 'portal', 'assets'), { recursive: true });
  await writeFile(join(dir, 'secret.txt'), 'outside');
  await symlink(join(dir, 'secret.txt'), join(dir, 'portal', 'link.txt'));
  await writeFile(join(dir, 'portal', 'index.html'), '<title>Portal</title>');
  await writeFile(join(dir, 'portal', 'graphiql.html'), '<title>GraphiQL</title>');
  await writeFile(join(dir, 'portal', 'assets', 'main-ABCD1234.js'), 'run()');
});
afterAll(() => rm(dir, { recursive: true }));

const get = (path: string, headers: Record<string, string> = {}) =>
  new Request(`http://gateway.test${path}`, { headers });

describe('the portal', () => {
  const startPortal = () => startGateway({ portalDir: join(dir, 'portal') });

  it('is served at / and at every path that it routes itself, under a strict policy', async () => {
    const gateway = await startPortal();
    for (const path of ['/', '/adapters', '/dataset/zenodo%3A10.5281%2Fzenodo.3463499', '/gone.html']) {
      const response = await gateway.fetch(get(path));
      expect(await response.text()).toBe('<title>Portal</title>');
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(response.headers.get('content-security-policy')).toContain("script-src 'self'");
    }
  });

  it('caches what has a hash in its name for ever, and the rest by its validator', async () => {
    const gateway = await startPortal();
    const script = await gateway.fetch(get('/assets/main-ABCD1234.js'));
    expect(script.headers.get('cache-control')).toContain('immutable');
    expect(script.headers.get('content-type')).toContain('javascript');
    const page = await gateway.fetch(get('/'));
    const again = await gateway.fetch(get('/', { 'if-none-match': page.headers.get('etag') ?? '' }));
    expect(again.status).toBe(304);
  });

  it('gives nothing from outside its folder, and 404 for a file that is missing', async () => {
    const gateway = await startPortal();
    for (const path of [
      '/..%2fsecret.txt',
      '/%2e%2e/secret.txt',
      '/link.txt',
      '/assets/gone.js',
      '/a%00.txt',
      '/%ff.txt',
    ]) {
      const response = await gateway.fetch(get(path));
      expect(response.status).toBe(404);
      expect(await response.text()).not.toContain('outside');
    }
  });

  it('shows GraphiQL to a browser at /graphql, and answers queries there', async () => {
    const gateway = await startGateway({
      portalDir: join(dir, 'portal'),
      subgraphs: { books: await startSubgraph('books') },
    });
    const page = await gateway.fetch(get('/graphql', { accept: 'text/html,*/*' }));
    expect(await page.text()).toBe('<title>GraphiQL</title>');
    const query = `/graphql?query=${encodeURIComponent('{ book(id: "1") { title } }')}`;
    const answer = await gateway.fetch(get(query, { 'apollo-require-preflight': '1', accept: '*/*' }));
    expect(await answer.json()).toEqual({ data: { book: { title: 'Chaos' } } });
  });
});

describe('operations', () => {
  it('shows health, and the key of caller tokens', async () => {
    const gateway = await startGateway({
      subgraphs: { books: await startSubgraph('books'), reviews: await startSubgraph('reviews') },
    });
    expect(await (await gateway.fetch(get('/health/live'))).json()).toEqual({ state: 'READY' });
    const whole = await gateway.fetch(get('/health'));
    expect([whole.status, await whole.json()]).toMatchObject([200, { state: 'READY' }]);
    const ready = await gateway.fetch(get('/health/ready'));
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({
      state: 'READY',
      parts: {
        supergraph: { state: 'READY' },
        'subgraph:books': { state: 'READY' },
        'subgraph:reviews': { state: 'READY' },
      },
    });
    const jwks = await gateway.fetch(get('/.well-known/jwks.json'));
    expect(await jwks.json()).toEqual(bench.signer.jwks);
  });

  it('counts requests and fetches, each gateway for itself', async () => {
    const subgraphs = { books: await startSubgraph('books') };
    const [gateway, other] = [await startGateway({ subgraphs }), await startGateway({ subgraphs })];
    await ask(gateway.fetch, '{ books { title } }');
    await ask(gateway.fetch, '{ books { title reviews { body } } }');
    await ask(gateway.fetch, '{ nothing }');
    const text = await (await gateway.fetch(get('/metrics'))).text();
    for (const line of [
      'sc_gateway_requests_total{outcome="OK"} 1',
      'sc_gateway_requests_total{outcome="PARTIAL"} 1',
      'sc_gateway_requests_total{outcome="FAILED"} 1',
      'sc_gateway_subgraph_fetch_duration_seconds_count{subgraph="books",outcome="OK"} 2',
      'sc_gateway_subgraph_fetch_duration_seconds_count{subgraph="reviews",outcome="SOURCE_UNAVAILABLE"} 1',
      'sc_gateway_supergraph_subgraphs 2',
    ]) {
      expect(text).toContain(line);
    }
    expect(await (await other.fetch(get('/metrics'))).text()).not.toContain('outcome="OK"} 1');
  });

  it('drains: a request under way is answered, new ones are not taken', async () => {
    let release: () => void = () => undefined;
    const waitFor = new Promise<void>((resolve) => {
      release = resolve;
    });
    const books = await startSubgraph('books', { waitFor });
    const gateway = await startGateway({ subgraphs: { books }, drainMs: 20_000 });
    const { url } = await gateway.listen({ host: '127.0.0.1', port: 0 });
    const waiting = ask((request) => fetch(new Request(`${url}/graphql`, request)), '{ wait }');
    while (books.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const closed = gateway.close();
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
    expect((await gateway.fetch(get('/health/ready'))).status).toBe(503);
    release();
    expect((await waiting).body).toEqual({ data: { wait: 'done' } });
    await closed;
    await gateway.close();
  });

  it('says why it cannot listen', async () => {
    const gateway = await startGateway();
    const { url } = await gateway.listen({ host: '127.0.0.1', port: 0 });
    const port = Number(new URL(url).port);
    await expect(gateway.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it.each(['compiled', 'apollo'] as const)('executes plans with the executor that is chosen: %s', async (executor) => {
    const subgraphs = { books: await startSubgraph('books'), reviews: await startSubgraph('reviews') };
    const gateway = await startGateway({ subgraphs, executor });
    const { body } = await ask(
      gateway.fetch,
      '{ newestReview { book { title } } nothing: refuse(code: "BAD_CURSOR") }',
    );
    expect(body.data).toEqual({ newestReview: { book: { title: 'Attractors' } }, nothing: null });
    expect(body.errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'BAD_CURSOR', source: 'books' }]);
  });

  it('starts from settings, on any supergraph', async () => {
    const supergraph = join(dir, 'any.graphql');
    await writeFile(supergraph, composeTestGraph(NOWHERE));
    const environment = { SC_SUPERGRAPH: supergraph, SC_CALLER_KEY_FILE: join(dir, 'key.pem'), SC_MAX_DEPTH: '3' };
    const config = parseConfig(gatewayConfigSchema, { environment, flags: { port: 0 } });
    expect(config).toMatchObject({ host: '127.0.0.1', port: 0, maxDepth: 3 });
    const gateway = await createGateway(toGatewayOptions(config, silentLogger));
    const { body } = await ask(gateway.fetch, '{ book(id: "1") { sequel { sequel { id } } } }');
    await gateway.close();
    expect(body.errors?.[0]?.extensions.code).toBe('LIMIT_EXCEEDED');
  });
});
