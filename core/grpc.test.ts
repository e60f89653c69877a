import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { credentials, Metadata, makeGenericClientConstructor, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from '@jest/globals';
import { readDescriptors } from '../proto/descriptors.js';
import { waitFor } from '../test/wait-for.js';
import { type Call, createCall } from './call.js';
import { createEchoClient, createEchoService, type EchoClient, type EchoHandlers } from './echo-service.fixture.js';
import { ERRORS, type ErrorCode, SciclomaticError } from './errors.js';
import { callServerStream, callUnary, createCallOptions, createMetadata } from './grpc-client.js';
import { checkGrpcHealth } from './grpc-health.js';
import { type GrpcServer, serverStreamHandler, startGrpcServer, unaryHandler } from './grpc-server.js';
import { type Logger, silentLogger as log } from './log.js';
import { createTestCall } from './test-call.js';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

async function startServer(handlers: EchoHandlers, port = 0): Promise<GrpcServer> {
  const services = [createEchoService(handlers)];
  const server = await startGrpcServer({ services, descriptors: readDescriptors(), host: '127.0.0.1', port, log });
  opened.push(server);
  return server;
}

function connect(address: string): EchoClient {
  const client = createEchoClient(address);
  opened.push(client);
  return client;
}

type Say = (request: Buffer, call: Call) => Promise<Buffer>;
type Repeat = (request: Buffer, call: Call) => AsyncIterable<Buffer>;

const serveSay = async (say: Say, logger = log) =>
  connect((await startServer({ say: unaryHandler(logger, say) })).address);
const serveRepeat = async (repeat: Repeat) =>
  connect((await startServer({ repeat: serverStreamHandler(log, repeat) })).address);

const hello = Buffer.from('hello');
const say = (client: EchoClient, call: Call = createTestCall()) => callUnary(client.say, hello, call, 'echo');
const repeat = (client: EchoClient, call: Call = createTestCall()) =>
  callServerStream(client.repeat, hello, call, 'echo');

async function collect(stream: AsyncIterable<Buffer>): Promise<string[]> {
  const texts: string[] = [];
  for await (const message of stream) texts.push(message.toString());
  return texts;
}

/** Resolves when the signal aborts, with what it aborted for. */
const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });

/** A server call that waits until it is ended, and tells what it saw. */
function createWaiting() {
  let tell: (reason: unknown) => void = () => undefined;
  let began: () => void = () => undefined;
  const started = new Promise<void>((resolve) => {
    began = resolve;
  });
  const ended = new Promise<unknown>((resolve) => {
    tell = resolve;
  });
  const wait = async (call: Call): Promise<Buffer> => {
    began();
    const reason = await aborted(call.signal);
    tell(reason);
    throw reason;
  };
  return { started, ended, wait };
}

describe('a unary call', () => {
  it('carries request, answer, request id and the time that is left', async () => {
    let seen: Call | undefined;
    const client = await serveSay(async (request, call) => {
      seen = call;
      return Buffer.from(`${request.toString()}!`);
    });
    const call = createCall({ log, requestId: 'r-1', timeoutMs: 9000 });
    expect((await say(client, call)).toString()).toBe('hello!');
    expect(seen?.requestId).toBe('r-1');
    expect(Math.abs((seen?.deadlineAt ?? 0) - (call.deadlineAt ?? 0))).toBeLessThan(2000);
    await say(client, createCall({ log }));
    expect(seen?.deadlineAt).toBeUndefined();
  });

  it('has no limit at the server when the limit is longer than timers can be', async () => {
    let seen: Call | undefined;
    const client = await serveSay(async (request, call) => {
      seen = call;
      return request;
    });
    await say(client, createCall({ log, timeoutMs: 2 ** 33 }));
    expect(seen?.deadlineAt).toBeUndefined();
  });

  it('ends at its deadline, at both ends', async () => {
    const { wait, ended } = createWaiting();
    const client = await serveSay((_, call) => wait(call));
    await expect(say(client, createCall({ log, timeoutMs: 100 }))).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      source: 'echo',
    });
    expect(['DEADLINE_EXCEEDED', 'CANCELLED']).toContain(SciclomaticError.from(await ended).code);
  });

  it('is ended by the server too, when the client takes no care of its deadline', async () => {
    const { wait, ended } = createWaiting();
    const server = await startServer({ say: unaryHandler(log, (_, call) => wait(call)) });
    const client = connect(server.address);
    const metadata = new Metadata();
    // As a client in another language might send it: the header, and no timer of its own.
    metadata.set('grpc-timeout', '50m');
    const answered = new Promise<number | undefined>((resolve) =>
      client.say(hello, metadata, {}, (error) => resolve(error?.code)),
    );
    await ended;
    expect(await answered).toBe(status.DEADLINE_EXCEEDED);
  });

  it('reaches the server when it is cancelled', async () => {
    const { wait, started, ended } = createWaiting();
    const client = await serveSay((_, call) => wait(call));
    const caller = new AbortController();
    const answer = say(client, createCall({ log, signal: caller.signal }));
    await started;
    caller.abort();
    await expect(answer).rejects.toMatchObject({ code: 'CANCELLED', source: 'echo' });
    expect(await ended).toMatchObject({ code: 'CANCELLED' });
  });

  it('is not begun when its call has ended', async () => {
    let calls = 0;
    const client = await serveSay(async (request) => {
      calls += 1;
      return request;
    });
    await expect(say(client, createCall({ log, signal: AbortSignal.abort() }))).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    await expect(say(client, createCall({ log, timeoutMs: 0 }))).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(calls).toBe(0);
  });

  it('leaves no listener with the signal of a long call', async () => {
    const client = await serveSay(async (request) => request);
    const caller = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = caller.signal;
    caller.signal.addEventListener = (...all: Parameters<typeof addEventListener>) => {
      listeners += 1;
      addEventListener.apply(caller.signal, all);
    };
    caller.signal.removeEventListener = (...all: Parameters<typeof removeEventListener>) => {
      listeners -= 1;
      removeEventListener.apply(caller.signal, all);
    };
    const call = createCall({ log, signal: caller.signal });
    await say(client, call);
    await expect(say(connect('127.0.0.1:1'), call)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    expect(listeners).toBe(0);
  });

  it('tells when nobody listens, and when what listens is no gRPC', async () => {
    const other = createServer((socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
      0,
      '127.0.0.1',
    );
    opened.push(other);
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(say(connect(`127.0.0.1:${port}`))).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      source: 'echo',
    });
  });
});

describe('errors', () => {
  const CODES = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => code !== 'INTERNAL');

  it('cross with code, message, source and time to wait', async () => {
    let thrown = new SciclomaticError('INTERNAL', 'x');
    const client = await serveSay(() => Promise.reject(thrown));
    for (const code of CODES) {
      thrown = new SciclomaticError(code, `“${code}” ist 50 % größer`, {
        source: 'zenodo/größe',
        retryAfterMs: 1500.2,
      });
      await expect(say(client)).rejects.toMatchObject({
        code,
        message: thrown.message,
        source: 'zenodo/größe',
        retryAfterMs: 1501,
      });
    }
    thrown = new SciclomaticError('NOT_FOUND', 'gone');
    const error = await say(client).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ source: 'echo', retryAfterMs: undefined });
  });

  it('cross although their message is long, or cannot be written in UTF-8', async () => {
    let message = 'ä'.repeat(100_000);
    const client = await serveSay(() => Promise.reject(new SciclomaticError('NOT_FOUND', message)));
    const error = await say(client).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'NOT_FOUND', message: `${'ä'.repeat(1000)}…` });
    message = 'half \ud800 a pair';
    await expect(say(client)).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'half \ufffd a pair' });
  });

  it('of ours are masked and logged with their request id', async () => {
    const logged: object[] = [];
    const recording: Logger = {
      ...log,
      error: (fields) => void logged.push(fields),
      child: (fields) => ({ ...recording, error: (more) => void logged.push({ ...fields, ...more }) }),
    };
    const client = await serveSay(() => Promise.reject(new Error('password is 1234')), recording);
    const error = await say(client, createCall({ log, requestId: 'r-2' })).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'INTERNAL', source: 'echo' });
    expect(String(error)).not.toContain('1234');
    expect(logged).toMatchObject([{ requestId: 'r-2', error: { message: 'password is 1234' } }]);
  });

  it('thrown before the first await are told like others', async () => {
    const throws = () => {
      throw new SciclomaticError('CONFLICT', 'at once');
    };
    const server = await startServer({ say: unaryHandler(log, throws), repeat: serverStreamHandler(log, throws) });
    const client = connect(server.address);
    await expect(say(client)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(collect(repeat(client))).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it.each<[number, ErrorCode]>([
    [status.CANCELLED, 'CANCELLED'],
    [status.UNKNOWN, 'SOURCE_INVALID_ANSWER'],
    [status.INVALID_ARGUMENT, 'BAD_INPUT'],
    [status.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED'],
    [status.NOT_FOUND, 'NOT_FOUND'],
    [status.ALREADY_EXISTS, 'CONFLICT'],
    [status.PERMISSION_DENIED, 'FORBIDDEN'],
    [status.RESOURCE_EXHAUSTED, 'RATE_LIMITED'],
    [status.FAILED_PRECONDITION, 'CONFLICT'],
    [status.ABORTED, 'CONFLICT'],
    [status.OUT_OF_RANGE, 'LIMIT_EXCEEDED'],
    [status.UNIMPLEMENTED, 'UNSUPPORTED'],
    [status.INTERNAL, 'SOURCE_INVALID_ANSWER'],
    [status.UNAVAILABLE, 'SOURCE_UNAVAILABLE'],
    [status.DATA_LOSS, 'SOURCE_INVALID_ANSWER'],
    [status.UNAUTHENTICATED, 'UNAUTHENTICATED'],
  ])('of servers that know gRPC only: status %d is %s', async (code, expected) => {
    const client = connect(
      (await startServer({ say: (_, callback) => callback({ code, details: 'theirs' }) })).address,
    );
    await expect(say(client)).rejects.toMatchObject({ code: expected, message: 'theirs', source: 'echo' });
  });

  it('with a code or a time to wait that is not in our table are taken by their status', async () => {
    const metadata = new Metadata();
    metadata.set('sc-error-code', 'toString');
    metadata.set('sc-retry-after-ms', 'soon');
    const client = connect(
      (await startServer({ say: (_, callback) => callback({ code: status.NOT_FOUND, details: 'x', metadata }) }))
        .address,
    );
    await expect(say(client)).rejects.toMatchObject({ code: 'NOT_FOUND', retryAfterMs: undefined });
  });

  it('say that a method is not offered', async () => {
    const client = connect((await startServer({})).address);
    await expect(say(client)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('a server stream', () => {
  it('gives its messages in order, and ends', async () => {
    const client = await serveRepeat(async function* (request) {
      for (let count = 0; count < 500; count += 1) yield Buffer.from(`${request.toString()} ${count}`);
    });
    expect(await collect(repeat(client))).toEqual(Array.from({ length: 500 }, (_, count) => `hello ${count}`));
    expect(await collect(repeat(await serveRepeat(async function* () {})))).toEqual([]);
  });

  it('gives what came before an error, then the error', async () => {
    const client = await serveRepeat(async function* () {
      yield Buffer.from('one');
      throw new SciclomaticError('CHECKSUM_MISMATCH', 'rotten', { source: 'peer-2' });
    });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const message of repeat(client)) seen.push(message.toString());
    })();
    await expect(reading).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH', message: 'rotten', source: 'peer-2' });
    expect(seen).toEqual(['one']);
  });

  it('stops at the server when the reader leaves, is cancelled, or has waited long enough', async () => {
    const reasons: Promise<unknown>[] = [];
    let closed = 0;
    const client = await serveRepeat(async function* (_, call) {
      reasons.push(aborted(call.signal));
      try {
        yield Buffer.from('first');
        await aborted(call.signal);
        yield Buffer.from('never read');
      } finally {
        closed += 1;
      }
    });
    for await (const message of repeat(client)) {
      expect(message.toString()).toBe('first');
      break;
    }
    const caller = new AbortController();
    const cancelled = (async () => {
      for await (const _ of repeat(client, createCall({ log, signal: caller.signal }))) caller.abort();
    })();
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED', source: 'echo' });
    const limited = createCall({ log, timeoutMs: 200 });
    await expect(collect(repeat(client, limited))).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    for (const reason of await Promise.all(reasons))
      expect(SciclomaticError.from(reason).code).toMatch(/CANCELLED|DEADLINE/);
    await waitFor('all three generators are closed', () => closed === 3);
  });

  it('makes no more than a slow reader takes: what is under way stays bounded', async () => {
    const messageBytes = 256 * 1024;
    const messageCount = 400;
    let made = 0;
    const client = await serveRepeat(async function* () {
      for (; made < messageCount; made += 1) yield Buffer.alloc(messageBytes, made % 256);
    });
    let read = 0;
    let mostAhead = 0;
    for await (const message of repeat(client)) {
      expect(message[0]).toBe(read % 256);
      read += 1;
      if (read % 50 !== 1) continue;
      // Reads nothing until the server has long had time to go on, which shows in that it stands still.
      let before = -1;
      await waitFor('the server waits for the reader', () => {
        const stands = before === made;
        before = made;
        return stands;
      });
      mostAhead = Math.max(mostAhead, made - read);
    }
    expect([read, made]).toEqual([messageCount, messageCount]);
    // The window of 8 MiB, and what the streams at both ends hold: 16 messages each.
    expect(mostAhead * messageBytes).toBeLessThan((8 + 10) * 1024 * 1024);
    expect(mostAhead).toBeGreaterThan(0);
  });

  it('ends a writer that waits for a reader who left', async () => {
    let finished = false;
    const client = await serveRepeat(async function* () {
      try {
        for (;;) yield Buffer.alloc(1024 * 1024);
      } finally {
        finished = true;
      }
    });
    for await (const _ of repeat(client)) break;
    await waitFor('the generator is closed', () => finished);
  });
});

describe('the server', () => {
  it('answers health checks, and says when it does not serve', async () => {
    const server = await startServer({});
    expect(await checkGrpcHealth(server.address, createTestCall())).toBe(true);
    server.setServing(false);
    expect(await checkGrpcHealth(server.address, createTestCall())).toBe(false);
    server.setServing(true);
    expect(await checkGrpcHealth(server.address, createTestCall())).toBe(true);
  });

  it('is found out to be gone, silent or no longer asked', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
    // grpc-js goes on waiting for an answer after its client was closed.
    opened.push(silent, { close: () => sockets.forEach((socket) => void socket.destroy()) });
    await once(silent, 'listening');
    const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    await expect(checkGrpcHealth('127.0.0.1:1', createTestCall())).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      source: '127.0.0.1:1',
    });
    await expect(checkGrpcHealth(address, createTestCall(100))).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    const caller = new AbortController();
    const checking = checkGrpcHealth(address, createCall({ log, signal: caller.signal }));
    caller.abort();
    await expect(checking).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('lists its services by reflection', async () => {
    const server = await startServer({});
    const encode = (text: string) => Buffer.from(text, 'latin1');
    const Client = makeGenericClientConstructor({}, 'Reflection');
    const client = new Client(server.address, credentials.createInsecure());
    opened.push(client);
    const stream = client.makeBidiStreamRequest<string, string>(
      '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
      encode,
      (bytes) => bytes.toString('latin1'),
      createMetadata(createTestCall()),
      createCallOptions(createTestCall()),
    );
    // ServerReflectionRequest { list_services: "*" }: field 7, length-delimited.
    stream.write('\x3a\x01*');
    const [answer] = (await once(stream, 'data')) as [string];
    stream.end();
    for (const name of ['sciclomatic.storage.v1.ChunkService', 'sciclomatic.registry.v1.RegistryService'])
      expect(answer).toContain(name);
  });

  it('refuses a port that is taken', async () => {
    const { port } = await startServer({});
    await expect(startServer({}, port)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('closes twice, lets a short call end, and cuts a long one', async () => {
    const { wait, started, ended } = createWaiting();
    const server = await startServer({ say: unaryHandler(log, (_, call) => wait(call)) });
    const answer = say(connect(server.address)).catch((error: unknown) => error);
    await started;
    await Promise.all([server.close(), server.close()]);
    await server.close();
    expect(await answer).toBeInstanceOf(SciclomaticError);
    await ended;
    await expect(checkGrpcHealth(server.address, createTestCall())).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
    });
  });
});
