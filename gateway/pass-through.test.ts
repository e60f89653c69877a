import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCallerTokenVerifier } from '../core/caller-token.js';
import { createTestBench } from './test-gateway.js';
import { composeTestGraph } from './test-graph.js';

const bench = await createTestBench();
const { startGateway, serve, signer } = bench;
afterEach(bench.stop);

const MEBIBYTE = 1024 * 1024;
const BLOCK = new Uint8Array(MEBIBYTE).map((_, index) => index * 7);

/** Streams `count` blocks, made as they are pulled. */
function createBlocks(count: number, onPull: (sent: number) => void = () => undefined): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        if (sent === count) return controller.close();
        sent++;
        onPull(sent);
        controller.enqueue(BLOCK.slice());
      },
    },
    { highWaterMark: 0 },
  );
}

/** A gateway on a socket whose `files` and `uploads` go to the subgraph given. */
async function startPassThrough(answer: (request: Request) => Promise<Response> | Response) {
  const subgraph = await serve(answer);
  const sdl = composeTestGraph({ books: `${subgraph.url}/graphql`, reviews: 'http://reviews.subgraph.invalid' });
  const passThrough = { files: 'books', uploads: 'books', elsewhere: 'nobody' };
  const gateway = await startGateway({ supergraph: { sdl }, passThrough });
  return { gateway, ...(await gateway.listen({ host: '127.0.0.1', port: 0 })) };
}

async function hashStream(body: ReadableStream<Uint8Array> | null): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  if (body) {
    for await (const chunk of body) {
      hash.update(chunk);
      sizeBytes += chunk.length;
    }
  }
  return { sha256: hash.digest('hex'), sizeBytes };
}

const expectedSha256 = (count: number) => {
  const hash = createHash('sha256');
  for (let block = 0; block < count; block++) hash.update(BLOCK);
  return hash.digest('hex');
};

describe('bytes', () => {
  it('come down unbuffered: 64 MiB whole, and no more in memory than a few blocks for a slow reader', async () => {
    let pulled = 0;
    const { url } = await startPassThrough(() => new Response(createBlocks(64, (sent) => (pulled = sent))));
    const response = await fetch(`${url}/files/a`);
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(first?.done).toBe(false);
    // Nobody reads on: once no more is pulled, what was pulled lies in buffers of sockets and of the gateway.
    let before = -1;
    while (before !== pulled) {
      before = pulled;
      for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(pulled).toBeLessThan(32);
    await reader?.cancel();

    const whole = await hashStream((await fetch(`${url}/files/a`)).body);
    expect(whole).toEqual({ sha256: expectedSha256(64), sizeBytes: 64 * MEBIBYTE });
  });

  it('go up unbuffered, with their length', async () => {
    const received: { sha256: string; sizeBytes: number; length: string | null }[] = [];
    const { url } = await startPassThrough(async (request) => {
      received.push({ ...(await hashStream(request.body)), length: request.headers.get('content-length') });
      return new Response(null, { status: 201 });
    });
    const init: RequestInit & { duplex: 'half' } = { method: 'PUT', body: createBlocks(64), duplex: 'half' };
    const response = await fetch(`${url}/uploads/1?signature=x`, init);
    expect(response.status).toBe(201);
    await fetch(`${url}/uploads/2`, { method: 'PUT', body: 'four' });
    expect(received).toEqual([
      { sha256: expectedSha256(64), sizeBytes: 64 * MEBIBYTE, length: null },
      { sha256: createHash('sha256').update('four').digest('hex'), sizeBytes: 4, length: '4' },
    ]);
  });

  it('keep their range, validators and encoding; path and query stay as they are', async () => {
    const seen: { url: string; range: string | null; ifRange: string | null }[] = [];
    const { url } = await startPassThrough((request) => {
      const { pathname, search } = new URL(request.url);
      const { headers } = request;
      seen.push({ url: pathname + search, range: headers.get('range'), ifRange: headers.get('if-range') });
      return new Response('llo', {
        status: 206,
        headers: { 'content-range': 'bytes 2-4/5', etag: '"v1"', 'content-length': '3', 'repr-digest': 'sha-256=:x:' },
      });
    });
    const response = await fetch(`${url}/files/sc%3Aabc%23a%2520b?signature=a%2Fb`, {
      headers: { range: 'bytes=2-4', 'if-range': '"v1"' },
    });
    expect(response.status).toBe(206);
    expect(await response.text()).toBe('llo');
    for (const [name, value] of [
      ['content-range', 'bytes 2-4/5'],
      ['etag', '"v1"'],
      ['content-length', '3'],
      ['repr-digest', 'sha-256=:x:'],
    ] as const) {
      expect(response.headers.get(name)).toBe(value);
    }
    expect(seen).toEqual([{ url: '/files/sc%3Aabc%23a%2520b?signature=a%2Fb', range: 'bytes=2-4', ifRange: '"v1"' }]);
  });

  it('answer HEAD and 304 without a body', async () => {
    const { url } = await startPassThrough((request) =>
      request.method === 'HEAD'
        ? new Response(null, { headers: { 'content-length': '5' } })
        : new Response(null, { status: 304, headers: { etag: '"v1"' } }),
    );
    const head = await fetch(`${url}/files/a`, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe('5');
    const unchanged = await fetch(`${url}/files/a`, { headers: { 'if-none-match': '"v1"' } });
    expect(unchanged.status).toBe(304);
  });

  it('carry the gateway’s token, never the client’s credentials', async () => {
    const seen: Headers[] = [];
    const { url } = await startPassThrough((request) => {
      seen.push(request.headers);
      return new Response('x');
    });
    await fetch(`${url}/files/a`, {
      headers: { authorization: 'Bearer mine', cookie: 'a=b', 'x-sc-public-url': 'http://evil.example' },
    });
    const verifier = createCallerTokenVerifier({ jwks: signer.jwks });
    expect(await verifier.verify(seen[0]?.get('authorization'))).toMatchObject({ caller: 'anonymous' });
    expect(seen[0]?.get('cookie')).toBeNull();
    expect(seen[0]?.get('x-sc-public-url')).toBe(url);
  });

  it('stop at their source when the reader leaves', async () => {
    let left: () => void = () => undefined;
    const cancelled = new Promise<void>((resolve) => {
      left = resolve;
    });
    const { url } = await startPassThrough(
      () => new Response(new ReadableStream({ pull: (c) => c.enqueue(BLOCK.slice()), cancel: () => left() })),
    );
    const client = new AbortController();
    const response = await fetch(`${url}/files/endless`, { signal: client.signal });
    await response.body?.getReader().read();
    client.abort();
    await cancelled;
  });

  it('are no longer asked for when the client leaves before they come', async () => {
    let arrived: (signal: AbortSignal) => void = () => undefined;
    const asked = new Promise<AbortSignal>((resolve) => {
      arrived = resolve;
    });
    const { url } = await startPassThrough((request) => {
      arrived(request.signal);
      return new Promise<Response>(() => undefined);
    });
    const client = new AbortController();
    const response = fetch(`${url}/files/a`, { signal: client.signal }).catch((error: Error) => error.name);
    const signal = await asked;
    const cut = new Promise((resolve) => signal.addEventListener('abort', resolve));
    client.abort();
    expect(await response).toBe('AbortError');
    await cut;
  });

  it('are refused in JSON when nobody serves them', async () => {
    const { url, gateway } = await startPassThrough(() => new Response('x'));
    const missing = await fetch(`${url}/elsewhere/a`);
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ code: 'NOT_FOUND' });
    const other = await startGateway({
      supergraph: {
        sdl: composeTestGraph({ books: 'http://127.0.0.1:1/graphql', reviews: 'http://127.0.0.1:1/graphql' }),
      },
      passThrough: { files: 'books' },
    });
    const down = await other.fetch(new Request('http://gateway.test/files/a'));
    expect(down.status).toBe(503);
    expect(await down.json()).toEqual({ code: 'SOURCE_UNAVAILABLE', message: 'Subgraph books does not answer' });
    expect((await gateway.fetch(new Request('http://gateway.test/nothing'))).status).toBe(404);
  });
});
