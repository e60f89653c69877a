import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Context,
  type ContextManager,
  context as contextApi,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type TextMapPropagator,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { readDescriptors } from '../proto/descriptors.js';
import { waitFor } from '../test/wait-for.js';
import { assertActive, createCall } from './call.js';
import { createEchoClient, createEchoService, type EchoClient } from './echo-service.fixture.js';
import { SciclomaticError } from './errors.js';
import { callServerStream, callUnary } from './grpc-client.js';
import { type GrpcServer, serverStreamHandler, startGrpcServer, unaryHandler } from './grpc-server.js';
import { silentLogger as log } from './log.js';
import { printMetrics } from './metrics.js';
import { createTestCall } from './test-call.js';
import { startSpan } from './tracing.js';

interface Recorded {
  readonly name: string;
  readonly kind: SpanKind | undefined;
  readonly attributes: Record<string, unknown>;
  readonly spanContext: SpanContext;
  readonly parentId: string | undefined;
  status: SpanStatusCode;
  ends: number;
}

/** As much of an SDK as shows where spans hang: a tracer that remembers, W3C trace context, a context per async chain. */
function installRecorder(): Recorded[] {
  const spans: Recorded[] = [];
  const startRecorded = (name: string, options: SpanOptions = {}, parent: Context = contextApi.active()): Span => {
    const above = trace.getSpanContext(parent);
    const id = String(spans.length + 1);
    const traceId = above?.traceId ?? id.padStart(32, 'a');
    const recorded: Recorded = {
      name,
      kind: options.kind,
      attributes: { ...options.attributes },
      spanContext: { traceId, spanId: id.padStart(16, '0'), traceFlags: 1 },
      parentId: above?.spanId,
      status: SpanStatusCode.UNSET,
      ends: 0,
    };
    spans.push(recorded);
    const span: Span = {
      spanContext: () => recorded.spanContext,
      setAttribute: () => span,
      setAttributes: (more) => {
        Object.assign(recorded.attributes, more);
        return span;
      },
      addEvent: () => span,
      addLink: () => span,
      addLinks: () => span,
      setStatus: ({ code }) => {
        recorded.status = code;
        return span;
      },
      updateName: () => span,
      end: () => {
        recorded.ends += 1;
      },
      isRecording: () => true,
      recordException: () => undefined,
    };
    return span;
  };
  const tracer: Tracer = {
    startSpan: startRecorded,
    startActiveSpan: () => {
      throw new Error('not used');
    },
  };
  trace.setGlobalTracerProvider({ getTracer: () => tracer });
  propagation.setGlobalPropagator(w3cPropagator);
  contextApi.setGlobalContextManager(createContextManager());
  return spans;
}

const w3cPropagator: TextMapPropagator = {
  inject: (context, carrier, setter) => {
    const above = trace.getSpanContext(context);
    if (above) setter.set(carrier, 'traceparent', `00-${above.traceId}-${above.spanId}-01`);
  },
  extract: (context, carrier, getter) => {
    const value = getter.get(carrier, 'traceparent');
    const [, traceId, spanId] = /^00-(.{32})-(.{16})-01$/.exec(String(value)) ?? [];
    return traceId && spanId
      ? trace.setSpanContext(context, { traceId, spanId, traceFlags: 1, isRemote: true })
      : context;
  },
  fields: () => ['traceparent'],
};

function createContextManager(): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (context, work, self, ...args) => storage.run(context, () => work.call(self, ...args)),
    bind: (_, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}

const spans = installRecorder();
afterAll(() => {
  trace.disable();
  propagation.disable();
  contextApi.disable();
});

let server: GrpcServer;
let client: EchoClient;
let inner: EchoClient;
beforeEach(async () => {
  spans.length = 0;
  const service = createEchoService({
    // Asks itself once more: what a server asks within a call belongs to that call.
    say: unaryHandler(log, async (request, call) => {
      if (request.toString() === 'fail') throw new SciclomaticError('NOT_FOUND', 'x');
      if (request.toString() === 'fault') throw new Error('x');
      if (request.toString() === 'wait') {
        await new Promise((resolve) => call.signal.addEventListener('abort', resolve));
        assertActive(call);
      }
      return request.toString() === 'nest' ? callUnary(inner.say, Buffer.from('inner'), call, 'echo') : request;
    }),
    repeat: serverStreamHandler(log, async function* (request) {
      yield request;
      yield request;
    }),
  });
  server = await startGrpcServer({
    services: [service],
    descriptors: readDescriptors(),
    host: '127.0.0.1',
    port: 0,
    log,
  });
  client = createEchoClient(server.address);
  inner = createEchoClient(server.address);
});
afterEach(async () => {
  client.close();
  inner.close();
  await server.close();
});

const say = (text: string) => callUnary(client.say, Buffer.from(text), createTestCall(), 'echo');
const SAY = { 'rpc.system': 'grpc', 'rpc.service': 'sciclomatic.test.v1.EchoService', 'rpc.method': 'Say' };

describe('gRPC calls', () => {
  it('are spans of one trace, from the one who asks to the last who answers', async () => {
    const outer = startSpan('outer', SpanKind.INTERNAL, {});
    await outer.run(() => say('nest'));
    outer.end({});
    const name = 'sciclomatic.test.v1.EchoService/Say';
    expect(spans.map((span) => [span.name, span.kind])).toEqual([
      ['outer', SpanKind.INTERNAL],
      [name, SpanKind.CLIENT],
      [name, SpanKind.SERVER],
      [name, SpanKind.CLIENT],
      [name, SpanKind.SERVER],
    ]);
    for (const [index, span] of spans.entries()) {
      expect(span.parentId).toBe(spans[index - 1]?.spanContext.spanId);
      expect(span.spanContext.traceId).toBe(spans[0]?.spanContext.traceId);
      expect([span.ends, span.status]).toEqual([1, SpanStatusCode.UNSET]);
      if (index > 0) expect(span.attributes).toEqual({ ...SAY, 'rpc.grpc.status_code': 0 });
    }
  });

  it('fail at the client for any status, at the server for its own faults only', async () => {
    await expect(say('fail')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(say('fault')).rejects.toMatchObject({ code: 'INTERNAL' });
    const seen = spans.map(({ kind, status, attributes }) => [kind, status, attributes['error.type']]);
    expect(seen).toEqual([
      [SpanKind.CLIENT, SpanStatusCode.ERROR, 'NOT_FOUND'],
      [SpanKind.SERVER, SpanStatusCode.UNSET, undefined],
      [SpanKind.CLIENT, SpanStatusCode.ERROR, 'INTERNAL'],
      [SpanKind.SERVER, SpanStatusCode.ERROR, 'INTERNAL'],
    ]);
  });

  it('end once when they are streams, read to the end or left', async () => {
    const stream = () => callServerStream(client.repeat, Buffer.from('x'), createTestCall(), 'echo');
    let read = 0;
    for await (const _ of stream()) read += 1;
    for await (const _ of stream()) break;
    expect(read).toBe(2);
    await waitFor('all four spans ended', () => spans.length === 4 && spans.every(({ ends }) => ends === 1));
    expect(spans.slice(0, 2).map(({ attributes }) => attributes['rpc.grpc.status_code'])).toEqual([0, 0]);
  });

  it('end when nobody waits for them any more', async () => {
    const waiting = callUnary(client.say, Buffer.from('wait'), createCall({ log, timeoutMs: 50 }), 'echo');
    await expect(waiting).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await waitFor('both spans ended', () => spans.length === 2 && spans.every(({ ends }) => ends === 1));
    const codes = spans.map(({ attributes }) => attributes['rpc.grpc.status_code']);
    // Whichever end looks at its clock first.
    for (const code of codes) expect([1, 4]).toContain(code);
  });

  it('are counted and timed at both ends, by method and status', async () => {
    const readCount = async (side: string, code: string) =>
      Number(
        new RegExp(
          `^sc_grpc_${side}_call_duration_seconds_count\\{method="${spans[0]?.name}",code="${code}"\\} (\\d+)$`,
          'm',
        ).exec(await printMetrics())?.[1] ?? 0,
      );
    await say('x');
    const before = await Promise.all(['client', 'server'].map((side) => readCount(side, 'OK')));
    const failed = await Promise.all(['client', 'server'].map((side) => readCount(side, 'NOT_FOUND')));
    for (let count = 0; count < 3; count += 1) await say('x');
    await say('fail').catch(() => undefined);
    for (const [index, side] of ['client', 'server'].entries()) {
      expect(await readCount(side, 'OK')).toBe((before[index] ?? 0) + 3);
      expect(await readCount(side, 'NOT_FOUND')).toBe((failed[index] ?? 0) + 1);
    }
  });
});
