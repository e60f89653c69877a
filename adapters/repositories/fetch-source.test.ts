import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Call, createCall } from '../../core/call.js';
import { silentLogger } from '../../core/log.js';
import { createTestCall } from '../../core/test-call.js';
import { createSourceClient, type SourceClient, type SourceClock } from './fetch-source.js';
import { type LoopbackServer, startLoopbackServer } from './loopback-server.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(answer: Parameters<typeof startLoopbackServer>[0]): Promise<LoopbackServer> {
  const server = await startLoopbackServer(answer);
  closers.push(() => server.close());
  return server;
}

/** A clock that moves only when somebody sleeps, and remembers for how long. */
function createFakeClock(startAt = Date.now()): SourceClock & { readonly slept: number[] } {
  const slept: number[] = [];
  let at = startAt;
  return {
    slept,
    now: () => at,
    sleep: async (durationMs) => {
      slept.push(durationMs);
      at += durationMs;
    },
  };
}

function createClient(clock?: SourceClock, token?: { token: string; tokenOrigin: string }): SourceClient {
  const client = createSourceClient({ source: 'fake', clock, ...token });
  closers.push(() => client.close());
  return client;
}

const read = (client: SourceClient, url: string, call: Call = createTestCall()) =>
  client.readText({ url }, 1_000_000, call);

describe('the source client', () => {
  it('follows redirects of every kind and says where the answer came from', async () => {
    const server = await serve((request, response) => {
      const next = { '/301': '/308', '/308': '/302', '/302': '/end' }[request.url ?? ''];
      if (next === undefined) response.end('here');
      else response.writeHead(Number(request.url?.slice(1)), { location: next }).end('<html>moved</html>');
    });
    const answer = await read(createClient(), `${server.origin}/301`);
    expect(answer).toMatchObject({ status: 200, text: 'here', url: `${server.origin}/end` });
  });

  it('gives up on a circle of redirects and on one to no web address', async () => {
    const server = await serve((request, response) => {
      response.writeHead(301, { location: request.url === '/circle' ? '/circle' : 'file:///etc/passwd' }).end();
    });
    for (const path of ['/circle', '/file']) {
      await expect(read(createClient(), server.origin + path)).rejects.toMatchObject({
        code: 'SOURCE_INVALID_ANSWER',
        source: 'fake',
      });
    }
  });

  it('shows the token to its own origin only', async () => {
    const seen: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end('there');
    });
    const server = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(302, { location: `${other.origin}/` }).end();
    });
    await read(createClient(undefined, { token: 'secret', tokenOrigin: server.origin }), server.origin);
    expect(seen).toEqual(['Bearer secret', undefined]);
  });

  it.each([
    [401, 'UNAUTHENTICATED'],
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
    [410, 'NOT_FOUND'],
    [400, 'SOURCE_INVALID_ANSWER'],
  ])('translates status %i to %s at once', async (status, code) => {
    const server = await serve((_, response) => response.writeHead(status).end());
    await expect(read(createClient(createFakeClock()), server.origin)).rejects.toMatchObject({ code });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['seconds', '7', [7_000]],
    ['a date', new Date(Date.UTC(2030, 0, 1, 0, 0, 9)).toUTCString(), [9_000]],
    ['nothing', undefined, [1_000]],
  ])('tries 429 again after Retry-After given as %s', async (_, retryAfter, slept) => {
    const server = await serve((_request, response) => {
      if (server.requests.length > 1) response.end('now');
      else response.writeHead(429, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end();
    });
    const clock = createFakeClock(Date.UTC(2030, 0, 1));
    const call = createCall({ log: silentLogger });
    expect((await read(createClient(clock), server.origin, call)).text).toBe('now');
    expect(clock.slept).toEqual(slept);
  });

  it('does not wait longer than the call: it says when to come back', async () => {
    const server = await serve((_, response) => response.writeHead(429, { 'retry-after': '3600' }).end());
    const clock = createFakeClock();
    await expect(read(createClient(clock), server.origin)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterMs: 3_600_000,
    });
    expect(clock.slept).toEqual([]);
  });

  it('gives up on a source that stays unavailable, after growing pauses', async () => {
    const server = await serve((_, response) => response.writeHead(503).end());
    const clock = createFakeClock();
    await expect(read(createClient(clock), server.origin, createCall({ log: silentLogger }))).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
    });
    expect(clock.slept).toEqual([1_000, 2_000, 4_000, 8_000]);
  });

  it('waits for the quota that an answer said is used up, and takes Retry-After beside 200 for no error', async () => {
    const startAt = Math.ceil(Date.now() / 1000) * 1000;
    const server = await serve((_, response) =>
      response
        .writeHead(200, {
          'retry-after': '60',
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(startAt / 1000 + 5),
        })
        .end('fine'),
    );
    const clock = createFakeClock(startAt);
    const client = createClient(clock);
    await read(client, server.origin);
    expect(clock.slept).toEqual([]);
    await read(client, server.origin, createCall({ log: silentLogger }));
    expect(clock.slept).toEqual([5_000]);
  });

  it('fails as RATE_LIMITED when the quota comes back after the deadline', async () => {
    const clock = createFakeClock();
    const reset = String(Math.ceil(clock.now() / 1000) + 600);
    const server = await serve((_, response) =>
      response.writeHead(200, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }).end(),
    );
    const client = createClient(clock);
    await read(client, server.origin);
    const failure = read(client, server.origin);
    await expect(failure).rejects.toMatchObject({ code: 'RATE_LIMITED', source: 'fake' });
    await expect(failure).rejects.toHaveProperty('retryAfterMs', Number(reset) * 1000 - clock.now());
    expect(server.requests).toHaveLength(1);
  });

  it('tells a connection cut in the middle of a body, and one refused, as SOURCE_UNAVAILABLE', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half', () => response.destroy());
    });
    await expect(read(createClient(), server.origin)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    await server.close();
    await expect(read(createClient(), server.origin)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });

  it('refuses a body that is longer than was asked for', async () => {
    const server = await serve((_, response) => response.end('x'.repeat(2000)));
    await expect(createClient().readText({ url: server.origin }, 1999, createTestCall())).rejects.toMatchObject({
      code: 'SOURCE_INVALID_ANSWER',
    });
  });

  it('stops when the caller leaves while the source is silent', async () => {
    const caller = new AbortController();
    const server = await serve(() => caller.abort());
    const call = createCall({ log: silentLogger, signal: caller.signal });
    await expect(read(createClient(), server.origin, call)).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('lets go of the call after each request', async () => {
    const server = await serve((_, response) => response.end('fine'));
    const caller = new AbortController();
    const call = createCall({ log: silentLogger, signal: caller.signal });
    for (let request = 0; request < 20; request += 1) await read(createClient(), server.origin, call);
    expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
  });

  it('hands over accepted statuses with their body', async () => {
    const server = await serve((_, response) => response.writeHead(422).end('<error/>'));
    const answer = await createClient().readText(
      { url: server.origin, acceptedStatuses: [422] },
      100,
      createTestCall(),
    );
    expect(answer).toMatchObject({ status: 422, text: '<error/>' });
  });
});
