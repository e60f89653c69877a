import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import { assertActive, type Call, createCall, REQUEST_ID_HEADER } from './call.js';
import { SciclomaticError } from './errors.js';
import { MAX_MESSAGE_BYTES } from './grpc-client.js';
import { toGrpcError } from './grpc-errors.js';
import { observeService } from './grpc-observation.js';
import type { Logger } from './log.js';

export interface GrpcService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

export interface GrpcServerOptions {
  readonly services: readonly GrpcService[];
  /** A serialized FileDescriptorSet of the services, for reflection. */
  readonly descriptors: Uint8Array;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly log: Logger;
}

export interface GrpcServer {
  /** host:port that it listens on. */
  readonly address: string;
  readonly port: number;
  /**
   * Told by grpc.health.v1; the server is SERVING from the start.
   * @param part one thing of several that it offers, under a service name of its own, unknown until it is first told; else the server
   */
  setServing(serving: boolean, part?: string): void;
  /** Lets calls end for at most a second, then cuts them. MAY be called twice. */
  close(): Promise<void>;
}

/** Time that running calls have to end when the server closes, in milliseconds. */
const DRAIN_MS = 1000;

/** Starts a gRPC server with health checks and reflection. @throws CONFLICT when the port is taken */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    'grpc.enable_http_proxy': 0,
  });
  for (const { definition, implementation } of options.services)
    server.addService(definition, observeService(definition, implementation));
  const health = new HealthImplementation({ '': 'SERVING' });
  health.addToServer(server);
  new ReflectionService(loadFileDescriptorSetFromBuffer(Buffer.from(options.descriptors))).addToServer(server);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${options.host}:${options.port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error
        ? reject(
            new SciclomaticError('CONFLICT', `Cannot listen on ${options.host}:${options.port}: ${error.message}`, {
              cause: error,
            }),
          )
        : resolve(bound),
    );
  });
  let closing: Promise<void> | undefined;
  return {
    address: `${options.host}:${port}`,
    port,
    setServing: (serving, part = '') => health.setStatus(part, serving ? 'SERVING' : 'NOT_SERVING'),
    close: () => (closing ??= closeServer(server)),
  };
}

async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, DRAIN_MS);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

interface IncomingCall {
  readonly metadata: { get(key: string): (string | Buffer)[] };
  getDeadline(): Date | number;
  on(event: 'cancelled', listener: () => void): unknown;
}

/** The caller's deadline, cancellation and request id. */
export function createIncomingCall(incoming: IncomingCall, log: Logger): Call {
  const gone = new AbortController();
  incoming.on('cancelled', () => gone.abort(new SciclomaticError('CANCELLED', 'The caller ended the request')));
  const deadline = Number(incoming.getDeadline());
  return createCall({
    log,
    requestId: incoming.metadata.get(REQUEST_ID_HEADER)[0]?.toString(),
    signal: gone.signal,
    timeoutMs: Number.isFinite(deadline) ? deadline - Date.now() : undefined,
  });
}

/** A unary handler of an async function; what it throws is sent with its code. */
export function unaryHandler<Request, Response>(
  log: Logger,
  answer: (request: Request, call: Call) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (incoming, callback) => {
    const call = createIncomingCall(incoming, log);
    // In a function of its own, so that an answer that throws before its first await is told as any other.
    const answered = async () => answer(incoming.request, call);
    answered().then(
      (response) => callback(null, response),
      (error: unknown) => {
        logFault(call, error);
        callback(toGrpcError(error));
      },
    );
  };
}

/** A server-streaming handler of an async generator. Waits for the receiver: nothing piles up in memory. */
export function serverStreamHandler<Request, Response>(
  log: Logger,
  answer: (request: Request, call: Call) => AsyncIterable<Response>,
): handleServerStreamingCall<Request, Response> {
  return (incoming) => {
    const call = createIncomingCall(incoming, log);
    const written = async () => writeAll(incoming, answer(incoming.request, call), call);
    written().then(
      () => incoming.end(),
      (error: unknown) => {
        logFault(call, error);
        incoming.emit('error', toGrpcError(error));
      },
    );
  };
}

async function writeAll<Request, Response>(
  outgoing: ServerWritableStream<Request, Response>,
  messages: AsyncIterable<Response>,
  call: Call,
): Promise<void> {
  for await (const message of messages) {
    assertActive(call);
    if (!outgoing.write(message)) await drained(outgoing, call);
  }
}

async function drained(
  stream: { once(event: 'drain', listener: () => void): unknown; off(event: 'drain', listener: () => void): unknown },
  call: Call,
): Promise<void> {
  assertActive(call);
  await new Promise<void>((resolve, reject) => {
    const onDrain = () => {
      call.signal.removeEventListener('abort', onAbort);
      resolve();
    };
    const onAbort = () => {
      stream.off('drain', onDrain);
      reject(SciclomaticError.from(call.signal.reason, 'CANCELLED'));
    };
    stream.once('drain', onDrain);
    call.signal.addEventListener('abort', onAbort, { once: true });
  });
}

function logFault(call: Call, error: unknown): void {
  if (SciclomaticError.from(error).code === 'INTERNAL') call.log.error({ error }, 'gRPC call failed');
}
