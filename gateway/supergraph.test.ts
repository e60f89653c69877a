import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../core/log.js';
import { openSupergraph } from './supergraph.js';
import { createTestBench } from './test-gateway.js';
import { ask, composeTestGraph, NOWHERE } from './test-graph.js';

const bench = await createTestBench();
const { startGateway, startSubgraph, serve } = bench;
afterEach(bench.stop);

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sc-supergraph-'));
});
afterAll(() => rm(dir, { recursive: true }));

const OLD = composeTestGraph(NOWHERE);
const NEW = composeTestGraph(NOWHERE, ' type Publisher { name: String } extend type Query { publisher: Publisher }');

/** Polls so rarely that only refresh() looks. */
const RARELY = { supergraphPollMs: 3_600_000, supergraphWaitMs: 0 };

describe('a supergraph in a file', () => {
  it('is followed, and requests under way end on the one that they began with', async () => {
    const file = join(dir, 'followed.graphql');
    await writeFile(file, OLD);
    let release: () => void = () => undefined;
    const waitFor = new Promise<void>((resolve) => {
      release = resolve;
    });
    const books = await startSubgraph('books', { waitFor });
    const gateway = await startGateway({ supergraph: { file }, subgraphs: { books }, ...RARELY });
    const waiting = ask(gateway.fetch, '{ wait }');
    while (books.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));

    expect((await ask(gateway.fetch, '{ publisher { name } }')).status).toBe(400);
    await writeFile(file, NEW);
    expect(await gateway.refreshSupergraph()).toBe(true);
    // The subgraph does not know the new field: that it is asked shows that the new supergraph is served.
    const asked = await ask(gateway.fetch, '{ publisher { name } }');
    expect(asked.status).toBe(200);
    expect(asked.body.data).toEqual({ publisher: null });

    release();
    expect((await waiting).body).toEqual({ data: { wait: 'done' } });
  });

  it('that is bad is not served: the old one stays, and the next good one comes', async () => {
    const file = join(dir, 'bad.graphql');
    await writeFile(file, OLD);
    const errors: string[] = [];
    const log = {
      ...silentLogger,
      error: (_fields: object, message: string) => errors.push(message),
      child: () => log,
    };
    const supergraph = await openSupergraph({ file }, { log, pollMs: RARELY.supergraphPollMs });
    const first = supergraph.current();
    await writeFile(file, 'type Query { half');
    expect(await supergraph.refresh()).toBe(false);
    await supergraph.refresh();
    expect(errors).toEqual(['The new supergraph cannot be served; the old one stays']);
    expect(supergraph.current() === first).toBe(true);
    await writeFile(file, NEW);
    expect(await supergraph.refresh()).toBe(true);
    expect(supergraph.current() === first).toBe(false);
    await supergraph.stop();
  });

  it.each([
    ['absent', undefined],
    ['no supergraph', 'type Query { a: Int }'],
    ['no GraphQL', '<html>'],
  ])('that is %s at the start is refused', async (name, text) => {
    const file = join(dir, `${name.replaceAll(' ', '-')}.graphql`);
    if (text !== undefined) await writeFile(file, text);
    await expect(openSupergraph({ file }, { log: silentLogger })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('a supergraph at a URL', () => {
  it('is kept on disk, so that the gateway starts though the URL does not answer', async () => {
    const keepFile = join(dir, 'kept.graphql');
    const server = await serve(() => new Response(NEW));
    const location = { url: `${server.url}/supergraph`, keepFile };
    const options = { log: silentLogger, pollMs: RARELY.supergraphPollMs, waitMs: 0 };
    const online = await openSupergraph(location, options);
    await online.stop();
    await server.close();
    const offline = await openSupergraph(location, options);
    expect(offline.current().supergraphSdl).toBe(NEW);
    await offline.stop();
  });

  it('is waited for at the start', async () => {
    let asked = 0;
    const server = await serve(() => (++asked < 2 ? new Response('not yet', { status: 503 }) : new Response(OLD)));
    const supergraph = await openSupergraph(
      { url: server.url },
      { log: silentLogger, pollMs: RARELY.supergraphPollMs },
    );
    expect(supergraph.current().supergraphSdl).toBe(OLD);
    await supergraph.stop();
  });

  it('is no supergraph at all when nothing comes and nothing was kept', async () => {
    const server = await serve(() => new Response('gone', { status: 404 }));
    const location = { url: server.url, keepFile: join(dir, 'never.graphql') };
    await expect(openSupergraph(location, { log: silentLogger, waitMs: 0 })).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
    });
  });
});
