import {
  type Attributes,
  type Context,
  INVALID_TRACEID,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  trace,
  context as traceContext,
} from '@opentelemetry/api';

export { SpanKind };

const tracer = trace.getTracer('sciclomatic');

/** A span and the context in which what belongs to it runs. */
export interface Traced {
  readonly span: Span;
  readonly context: Context;
  /** Runs the work with the span as the active one: spans started within are its children. */
  run<Result>(work: () => Result): Result;
  /** Ends the span. MAY be called twice; the first call counts. @param error the class of the failure, e.g. a status or an error code */
  end(attributes: Attributes, error?: string): void;
}

/**
 * Starts a span. Names and attributes follow OpenTelemetry's semantic conventions (opentelemetry.io/docs/specs/semconv).
 * Without an OpenTelemetry SDK in the process there is none to start: the work then runs in its caller's context, for next to nothing.
 * @param parent the active context when absent
 */
export function startSpan(
  name: string,
  kind: SpanKind,
  attributes: Attributes,
  parent: Context = traceContext.active(),
): Traced {
  const span = tracer.startSpan(name, { kind, attributes }, parent);
  if (span.spanContext().traceId === INVALID_TRACEID) return { span, context: parent, run: runAsIs, end: ignore };
  const context = trace.setSpan(parent, span);
  let ended = false;
  return {
    span,
    context,
    run: (work) => traceContext.with(context, work),
    end: (more, error) => {
      if (ended) return;
      ended = true;
      span.setAttributes(error === undefined ? more : { ...more, 'error.type': error });
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}

const runAsIs = <Result>(work: () => Result): Result => work();
const ignore = (): void => undefined;

/** The caller's trace, from the headers that the installed propagator knows (W3C: `traceparent`, `tracestate`). */
export function extractTrace<Carrier>(carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
  return propagation.extract(traceContext.active(), carrier, getter);
}

/** Reads headers of HTTP. */
export const headersGetter: TextMapGetter<Headers> = {
  get: (headers, name) => headers.get(name) ?? undefined,
  keys: (headers) => [...headers.keys()],
};
