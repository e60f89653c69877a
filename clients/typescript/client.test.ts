import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Client, ClientError, type ClientOptions, createClient } from './client.js';
import { ListAdapters, MirrorDataset, ReadLog } from './gen/operations.js';
import type { TypedDocument } from './typed-document.js';

interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Cuts the connection instead of answering. */
  readonly cut?: boolean;
}

interface Received {
  readonly method: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server that gives the replies one after the other, the last one for ever; `never` leaves a request unanswered. */
async function serve(replies: readonly (Reply | 'never')[]): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const reply = replies[Math.min(received.length, replies.length - 1)];
      received.push({ method: request.method, headers: request.headers, body: Buffer.concat(parts).toString() });
      if (reply === undefined || reply === 'never') return;
      if (reply.cut === true) {
        request.socket.destroy();
        return;
      }
      response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
      response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, received };
}

function createTestClient(url: string, options: Partial<ClientOptions> = {}): { client: Client; waits: number[] } {
  const waits: number[] = [];
  const wait = async (durationMs: number): Promise<void> => {
    waits.push(durationMs);
  };
  return { client: createClient({ url, random: () => 0.5, wait, ...options }), waits };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(thrown instanceof ClientError)) throw new Error(`expected a ClientError, got ${String(thrown)}`);
  return thrown.code;
}

const LOG = { origin: 'log.example', size: 3, checkpoint: 'c', verifierKey: 'k' };

describe('request', () => {
  it('sends the operation by name and gives its data', async () => {
    const { url, received } = await serve([{ body: { data: { log: LOG } } }]);
    const { client } = createTestClient(url, { headers: { 'x-test': 'yes' } });
    const { data, errors } = await client.request(ReadLog, {});
    expect(data.log?.size).toBe(3);
    expect(errors).toEqual([]);
    expect(received[0]?.method).toBe('POST');
    expect(received[0]?.headers['x-test']).toBe('yes');
    expect(received[0]?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(received[0]?.body ?? '')).toEqual({
      query: ReadLog.text,
      operationName: 'ReadLog',
      variables: {},
    });
  });

  it('gives a partial answer with the code and the source of each error', async () => {
    const error = { message: 'gone', path: ['log'], extensions: { code: 'SOURCE_UNAVAILABLE', source: 'provenance' } };
    const { url } = await serve([{ body: { data: { log: null }, errors: [error, {}] } }]);
    const { data, errors } = await createTestClient(url).client.request(ReadLog, {});
    expect(data.log).toBeNull();
    expect(errors).toEqual([
      { code: 'SOURCE_UNAVAILABLE', message: 'gone', source: 'provenance', path: ['log'], retryAfterMs: null },
      { code: 'INTERNAL', message: 'The server gave no message', source: null, path: null, retryAfterMs: null },
    ]);
  });

  it.each<[string, Reply, string]>([
    [
      'a refused request',
      { status: 400, body: { errors: [{ message: 'no', extensions: { code: 'BAD_INPUT' } }] } },
      'BAD_INPUT',
    ],
    [
      'null data',
      { body: { data: null, errors: [{ message: 'no', extensions: { code: 'NOT_FOUND' } }] } },
      'NOT_FOUND',
    ],
    [
      'an error of the HTTP layer',
      { status: 413, body: { code: 'REQUEST_TOO_LARGE', message: 'no' } },
      'REQUEST_TOO_LARGE',
    ],
    ['a page of a proxy', { status: 401, body: '<html>' }, 'UNAUTHENTICATED'],
    ['HTML with status 200', { body: '<html>' }, 'SOURCE_INVALID_ANSWER'],
    ['JSON that is no answer', { body: [1, 2] }, 'SOURCE_INVALID_ANSWER'],
    ['an empty object', { body: {} }, 'SOURCE_INVALID_ANSWER'],
  ])('throws the code of %s', async (_name, reply, code) => {
    const { url, received } = await serve([reply]);
    expect(await codeOf(createTestClient(url).client.request(ReadLog, {}))).toBe(code);
    expect(received).toHaveLength(1);
  });

  it('retries a query after a cut connection and a restarting server, with jittered pauses', async () => {
    const { url, received } = await serve([
      { cut: true },
      { status: 503, body: 'x' },
      { body: { data: { log: LOG } } },
    ]);
    const { client, waits } = createTestClient(url);
    expect((await client.request(ReadLog, {})).data.log?.origin).toBe('log.example');
    expect(received).toHaveLength(3);
    expect(waits).toEqual([150, 300]);
  });

  it('gives up after the retries it was given', async () => {
    const { url, received } = await serve([{ cut: true }]);
    expect(await codeOf(createTestClient(url, { retries: 1 }).client.request(ReadLog, {}))).toBe('SOURCE_UNAVAILABLE');
    expect(received).toHaveLength(2);
  });

  it('waits as long as the server asks, and not at all when that is too long', async () => {
    const limited = (seconds: string): Reply => ({ status: 429, headers: { 'retry-after': seconds }, body: 'slow' });
    const short = await serve([limited('3'), { body: { data: { log: LOG } } }]);
    const { client, waits } = createTestClient(short.url);
    await client.request(ReadLog, {});
    expect(waits).toEqual([3000]);
    const long = await serve([limited('3600')]);
    expect(await codeOf(createTestClient(long.url).client.request(ReadLog, {}))).toBe('RATE_LIMITED');
    expect(long.received).toHaveLength(1);
  });

  it('does not repeat a mutation that may have been executed, only one that was not begun', async () => {
    const input = { datasetId: 'zenodo:1' };
    const cut = await serve([{ cut: true }]);
    expect(await codeOf(createTestClient(cut.url).client.request(MirrorDataset, { input }))).toBe('SOURCE_UNAVAILABLE');
    expect(cut.received).toHaveLength(1);
    const notReady = await serve([{ status: 503, body: { code: 'NOT_READY', message: 'starting' } }]);
    expect(await codeOf(createTestClient(notReady.url).client.request(MirrorDataset, { input }))).toBe('NOT_READY');
    expect(notReady.received).toHaveLength(3);
  });

  it('ends with the deadline or the signal, also while it waits to retry', async () => {
    const silent = await serve(['never']);
    const slow = createClient({ url: silent.url, timeoutMs: 50 });
    expect(await codeOf(slow.request(ReadLog, {}))).toBe('DEADLINE_EXCEEDED');
    const cancelled = createTestClient(silent.url).client.request(ReadLog, {}, { signal: AbortSignal.abort() });
    expect(await codeOf(cancelled)).toBe('CANCELLED');
    const cutting = await serve([{ cut: true }]);
    const retries = createClient({ url: cutting.url, timeoutMs: 400, retries: 1000 });
    expect(await codeOf(retries.request(ReadLog, {}))).toBe('DEADLINE_EXCEEDED');
  });

  it('says SOURCE_UNAVAILABLE when nobody listens', async () => {
    const { url } = await serve([{}]);
    for (const close of closers.splice(0)) await close();
    expect(await codeOf(createTestClient(url, { retries: 0 }).client.request(ReadLog, {}))).toBe('SOURCE_UNAVAILABLE');
  });
});

interface NumberVariables {
  readonly first: number;
  readonly after?: string;
}
type NumberList = {
  readonly numbers: {
    readonly nodes: readonly number[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
};
const Numbers: TypedDocument<NumberList, NumberVariables> = {
  kind: 'query',
  name: 'Numbers',
  text: 'query Numbers {}',
};

/** Answers pages of `numbers` as a server with Relay lists does. */
function numberServer(numbers: readonly number[]): typeof fetch {
  return async (_url, init) => {
    const { variables } = JSON.parse(String(init?.body)) as { variables: NumberVariables };
    const start = variables.after === undefined ? 0 : Number(variables.after) + 1;
    const nodes = numbers.slice(start, start + variables.first);
    const end = start + nodes.length;
    const pageInfo = { hasNextPage: end < numbers.length, endCursor: nodes.length === 0 ? null : String(end - 1) };
    return Response.json({ data: { numbers: { nodes, pageInfo } } });
  };
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('paginate', () => {
  it('gives every item once and in order, whatever the size of list and page', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer(), { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        async (list, first) => {
          const client = createClient({ url: 'http://test/', fetch: numberServer(list) });
          expect(await collect(client.paginate(Numbers, { first }, (data) => data.numbers))).toEqual(list);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('starts where `after` says', async () => {
    const client = createClient({ url: 'http://test/', fetch: numberServer([1, 2, 3, 4, 5]) });
    expect(await collect(client.paginate(Numbers, { first: 2, after: '1' }, (data) => data.numbers))).toEqual([
      3, 4, 5,
    ]);
  });

  it('throws the server’s code when a later page is null', async () => {
    const pageInfo = { hasNextPage: true, endCursor: 'a' };
    const error = { message: 'old', path: ['adapters'], extensions: { code: 'CURSOR_EXPIRED', source: 'registry' } };
    const { url } = await serve([
      { body: { data: { adapters: { nodes: [{ id: 'one' }], pageInfo } } } },
      { body: { data: { adapters: null }, errors: [error] } },
    ]);
    const seen: string[] = [];
    const run = async (): Promise<void> => {
      for await (const { id } of createTestClient(url).client.paginate(ListAdapters, {}, (data) => data.adapters)) {
        seen.push(id);
      }
    };
    expect(await codeOf(run())).toBe('CURSOR_EXPIRED');
    expect(seen).toEqual(['one']);
  });

  it('refuses a list that does not advance', async () => {
    const pageInfo = { hasNextPage: true, endCursor: 'same' };
    const { url } = await serve([{ body: { data: { adapters: { nodes: [], pageInfo } } } }]);
    const items = createTestClient(url).client.paginate(ListAdapters, {}, (data) => data.adapters);
    expect(await codeOf(collect(items))).toBe('SOURCE_INVALID_ANSWER');
  });
});

describe('upload', () => {
  it('PUTs bytes, and again after a cut connection', async () => {
    const { url, received } = await serve([{ cut: true }, { status: 204 }]);
    await createTestClient(url).client.upload(url, new TextEncoder().encode('abc'));
    expect(received.map(({ method, body }) => [method, body])).toEqual([
      ['PUT', 'abc'],
      ['PUT', 'abc'],
    ]);
  });

  it('sends a stream once, and gives the server’s code', async () => {
    const { url, received } = await serve([{ status: 422, body: { code: 'CHECKSUM_MISMATCH', message: 'no' } }]);
    const upload = createTestClient(url).client.upload(url, new Blob(['stream']).stream());
    expect(await codeOf(upload)).toBe('CHECKSUM_MISMATCH');
    expect(received.map(({ body }) => body)).toEqual(['stream']);
  });

  it('gives the code and the source that a subgraph states', async () => {
    const refusal = { message: 'no room', extensions: { code: 'STORAGE_FULL', source: 'storage' } };
    const { url } = await serve([{ status: 507, body: { errors: [refusal] } }]);
    const upload = createTestClient(url).client.upload(url, new Uint8Array(1));
    await expect(upload).rejects.toMatchObject({ code: 'STORAGE_FULL', source: 'storage', httpStatus: 507 });
  });

  it('ends with the signal', async () => {
    const { url } = await serve(['never']);
    const upload = createTestClient(url).client.upload(url, new Blob(['x']), { signal: AbortSignal.timeout(50) });
    expect(await codeOf(upload)).toBe('DEADLINE_EXCEEDED');
  });
});
