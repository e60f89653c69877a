import { afterAll, afterEach, expect, it } from '@jest/globals';
import { type Attributes, propagation, type Span, type SpanOptions, type Tracer, trace } from '@opentelemetry/api';
import { createTestBench } from './test-gateway.js';
import { ask } from './test-graph.js';

const bench = await createTestBench();
const { startGateway, startSubgraph } = bench;
afterEach(bench.stop);

interface Recorded {
  readonly name: string;
  readonly attributes: Attributes;
  ended: boolean;
}

/** Notes the names of spans, and whether each ended. */
function createRecorder() {
  const spans: Recorded[] = [];
  const startSpan = (name: string, options: SpanOptions = {}): Span => {
    const recorded: Recorded = { name, attributes: { ...options.attributes }, ended: false };
    spans.push(recorded);
    const span: Span = {
      spanContext: () => ({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 }),
      setAttribute: (key, value) => {
        recorded.attributes[key] = value;
        return span;
      },
      setAttributes: () => span,
      addEvent: () => span,
      addLink: () => span,
      addLinks: () => span,
      setStatus: () => span,
      updateName: () => span,
      end: () => {
        recorded.ended = true;
      },
      isRecording: () => true,
      recordException: () => undefined,
    };
    return span;
  };
  const startActiveSpan = (name: string, ...rest: unknown[]) => {
    const run = rest.at(-1) as (span: Span) => unknown;
    return run(startSpan(name, rest.length > 1 ? (rest[0] as SpanOptions) : {}));
  };
  const tracer: Tracer = { startSpan, startActiveSpan: startActiveSpan as Tracer['startActiveSpan'] };
  return { spans, tracer };
}

const { spans, tracer } = createRecorder();
trace.setGlobalTracerProvider({ getTracer: () => tracer });
propagation.setGlobalPropagator({
  inject: (_context, carrier, setter) => setter.set(carrier, 'traceparent', '00-11-22-01'),
  extract: (context) => context,
  fields: () => ['traceparent'],
});
afterAll(() => {
  trace.disable();
  propagation.disable();
});

it('traces the operation, its plan and each fetch, and hands the trace on', async () => {
  const books = await startSubgraph('books');
  const gateway = await startGateway({ subgraphs: { books } });
  await ask(gateway.fetch, 'query Shelf { books { title reviews { body } } }');
  const ours = spans.filter(({ name }) => name.startsWith('gateway.'));
  expect(ours.map(({ name, attributes }) => [name, attributes])).toEqual([
    ['gateway.request', { 'graphql.operation.type': 'query', 'graphql.operation.name': 'Shelf' }],
    ['gateway.plan', {}],
    ['gateway.fetch', { service: 'books' }],
    ['gateway.fetch', { service: 'reviews' }],
  ]);
  expect(ours.every(({ ended }) => ended)).toBe(true);
  expect(books.requests[0]?.headers.get('traceparent')).toBe('00-11-22-01');
});
