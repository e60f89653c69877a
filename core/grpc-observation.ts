import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type InterceptingCall,
  type Interceptor,
  type Metadata,
  type MethodDefinition,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { type Attributes, propagation, type TextMapGetter, type TextMapSetter } from '@opentelemetry/api';
import { createDurations } from './metrics.js';
import { extractTrace, SpanKind, startSpan } from './tracing.js';

const clientDurations = createDurations({
  name: 'sc_grpc_client_call_duration_seconds',
  help: 'Time from the start of a gRPC call to its status, at the client, by method and status.',
  labelNames: ['method', 'code'],
});
const serverDurations = createDurations({
  name: 'sc_grpc_server_call_duration_seconds',
  help: 'Time from a gRPC request to its status, at the server, by method and status.',
  labelNames: ['method', 'code'],
});

/** Statuses that are a fault of the server (OpenTelemetry semantic conventions, RPC, gRPC); the others are the caller's. */
const SERVER_FAULTS: ReadonlySet<number> = new Set([
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
  status.UNIMPLEMENTED,
  status.INTERNAL,
  status.UNAVAILABLE,
  status.DATA_LOSS,
]);

const metadataGetter: TextMapGetter<Metadata> = {
  get: (metadata, name) => metadata.get(name)[0]?.toString(),
  keys: (metadata) => Object.keys(metadata.getMap()),
};
const metadataSetter: TextMapSetter<Metadata> = { set: (metadata, name, value) => metadata.set(name, value) };

/** What spans and metrics say of a method; made once for each. */
interface MethodNames {
  /** `package.Service/Method`, without the leading slash. */
  readonly name: string;
  readonly attributes: Attributes;
}

const namesOf = new Map<string, MethodNames>();

function readNames(path: string): MethodNames {
  const known = namesOf.get(path);
  if (known) return known;
  const name = path.slice(1);
  const [service = '', method = ''] = name.split('/');
  const names = { name, attributes: { 'rpc.system': 'grpc', 'rpc.service': service, 'rpc.method': method } };
  // Bounded by the methods of the services that this process offers or calls.
  namesOf.set(path, names);
  return names;
}

/**
 * Counts, times and traces a client's calls of every kind, and hands the trace to the server. It listens in on the call that
 * is there: an InterceptingCall around it would pass on each message and each read, which takes as long as all the rest.
 */
export const observeClientCall: Interceptor = (options, nextCall) => {
  // grpc-js asks for its class and uses no more of it than the interface, which is what it gives here too.
  const call = nextCall(options) as InterceptingCall;
  const start = call.start.bind(call);
  call.start = (metadata, listener) => {
    const { name, attributes } = readNames(options.method_definition.path);
    const startedAt = performance.now();
    const traced = startSpan(name, SpanKind.CLIENT, attributes);
    propagation.inject(traced.context, metadata, metadataSetter);
    start(metadata, {
      onReceiveMetadata: (received) => listener?.onReceiveMetadata?.(received),
      onReceiveMessage: (message) => {
        listener?.onReceiveMessage?.(message);
      },
      onReceiveStatus: (received) => {
        const code = status[received.code] ?? 'UNKNOWN';
        clientDurations.observe({ method: name, code }, (performance.now() - startedAt) / 1000);
        traced.end({ 'rpc.grpc.status_code': received.code }, received.code === status.OK ? undefined : code);
        listener?.onReceiveStatus?.(received);
      },
    });
  };
  return call;
};

type AnyMethod = MethodDefinition<unknown, unknown>;
type Incoming = ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>;

/** The implementation of a service, each call of it counted, timed and traced as a part of its caller's trace. */
export function observeService(
  definition: ServiceDefinition,
  implementation: UntypedServiceImplementation,
): UntypedServiceImplementation {
  return Object.fromEntries(
    Object.entries(implementation).map(([name, handler]) => {
      const method = definition[name];
      if (!method) return [name, handler];
      return [
        name,
        method.responseStream
          ? observeStreamed(method, handler as handleServerStreamingCall<unknown, unknown>)
          : observeAnswered(method, handler as handleUnaryCall<unknown, unknown>),
      ];
    }),
  );
}

/** For handlers that answer through a callback: unary and client-streaming. */
function observeAnswered(
  method: AnyMethod,
  handler: handleUnaryCall<unknown, unknown>,
): handleUnaryCall<unknown, unknown> {
  return (incoming, callback) => {
    const { run, end } = startIncoming(method, incoming);
    incoming.on('cancelled', () => end(endedEarly(incoming)));
    run(() =>
      handler(incoming, (error, ...rest) => {
        end(error ? (error.code ?? status.UNKNOWN) : status.OK);
        callback(error, ...rest);
      }),
    );
  };
}

/** For handlers that write to the call: server-streaming and both ways. */
function observeStreamed(
  method: AnyMethod,
  handler: handleServerStreamingCall<unknown, unknown>,
): handleServerStreamingCall<unknown, unknown> {
  return (outgoing) => {
    const { run, end } = startIncoming(method, outgoing);
    outgoing.on('error', (error: Error & { code?: unknown }) =>
      end(typeof error.code === 'number' ? error.code : status.UNKNOWN),
    );
    outgoing.on('finish', () => end(status.OK));
    // Also told after a stream that ended well.
    outgoing.on('cancelled', () => end(outgoing.writableEnded ? status.OK : endedEarly(outgoing)));
    run(() => handler(outgoing));
  };
}

function startIncoming(method: AnyMethod, incoming: Incoming) {
  const { name, attributes } = readNames(method.path);
  const startedAt = performance.now();
  const traced = startSpan(name, SpanKind.SERVER, attributes, extractTrace(incoming.metadata, metadataGetter));
  let ended = false;
  return {
    run: traced.run,
    end: (code: number) => {
      if (ended) return;
      ended = true;
      const codeName = status[code] ?? 'UNKNOWN';
      serverDurations.observe({ method: name, code: codeName }, (performance.now() - startedAt) / 1000);
      traced.end({ 'rpc.grpc.status_code': code }, SERVER_FAULTS.has(code) ? codeName : undefined);
    },
  };
}

/** Why a call ended before its handler did: its time was over, or its caller left. */
function endedEarly(incoming: Incoming): number {
  return Number(incoming.getDeadline()) <= Date.now() ? status.DEADLINE_EXCEEDED : status.CANCELLED;
}
