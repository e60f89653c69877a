import {
  type CallOptions,
  type ChannelOptions,
  type ClientReadableStream,
  type ClientUnaryCall,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { type Call, REQUEST_ID_HEADER, remainingMs } from './call.js';
import { MAX_TIMER_MS } from './call-limit.js';
import { SciclomaticError } from './errors.js';
import { fromGrpcError } from './grpc-errors.js';
import { observeClientCall } from './grpc-observation.js';

/** HTTP/2 receive window, in bytes: with the default 64 KiB one stream gives 2 MB/s at 20 ms (grpc-node#2864). */
const FLOW_CONTROL_WINDOW_BYTES = 8 * 1024 * 1024;

/** Largest message accepted, in bytes: a manifest of 64 MiB and its envelope. */
export const MAX_MESSAGE_BYTES = 65 * 1024 * 1024;

/** Channel options of every client in the house. The receiver is always the client, so it is it that opens the window. */
export const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc-node.flow_control_window': FLOW_CONTROL_WINDOW_BYTES,
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2000,
  'grpc.enable_http_proxy': 0,
};

export function createMetadata(call: Call): Metadata {
  const metadata = new Metadata();
  metadata.set(REQUEST_ID_HEADER, call.requestId);
  return metadata;
}

const INTERCEPTORS = [observeClientCall];

/** For calls of every kind: gRPC's own deadline carries the time limit, and the call is counted and traced. */
export function createCallOptions(call: Call): CallOptions {
  const left = remainingMs(call);
  return left === undefined || left > MAX_TIMER_MS
    ? { interceptors: INTERCEPTORS }
    : { interceptors: INTERCEPTORS, deadline: Date.now() + left };
}

type Unary<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: CallOptions,
  callback: (error: ServiceError | null, response: Response) => void,
) => ClientUnaryCall;

/**
 * One unary call as a promise, ended when the call ends. Pass the method bound to its client.
 * @throws what the server sent, translated; DEADLINE_EXCEEDED, CANCELLED, SOURCE_UNAVAILABLE.
 */
export async function callUnary<Request, Response>(
  method: Unary<Request, Response>,
  request: Request,
  call: Call,
  source: string,
): Promise<Response> {
  if (call.signal.aborted) throw SciclomaticError.from(call.signal.reason, 'CANCELLED', { source });
  return new Promise<Response>((resolve, reject) => {
    const running = method(request, createMetadata(call), createCallOptions(call), (error, response) => {
      call.signal.removeEventListener('abort', cancel);
      if (error) reject(translate(error, call, source));
      else resolve(response);
    });
    const cancel = () => running.cancel();
    call.signal.addEventListener('abort', cancel, { once: true });
  });
}

/**
 * A server stream as an async iterable. Leaving the loop early cancels the stream; back-pressure is the stream's own.
 * @throws as callUnary
 */
export async function* callServerStream<Request, Response>(
  method: (request: Request, metadata: Metadata, options: CallOptions) => ClientReadableStream<Response>,
  request: Request,
  call: Call,
  source: string,
): AsyncGenerator<Response> {
  if (call.signal.aborted) throw SciclomaticError.from(call.signal.reason, 'CANCELLED', { source });
  const stream = method(request, createMetadata(call), createCallOptions(call));
  const cancel = () => stream.cancel();
  call.signal.addEventListener('abort', cancel, { once: true });
  try {
    for await (const message of stream) yield message as Response;
  } catch (error) {
    throw translate(error, call, source);
  } finally {
    call.signal.removeEventListener('abort', cancel);
    stream.cancel();
  }
}

/** A stream cancelled because the call ended fails with the reason of the call. */
function translate(error: unknown, call: Call, source: string): SciclomaticError {
  if (call.signal.aborted) return SciclomaticError.from(call.signal.reason, 'CANCELLED', { source });
  return fromGrpcError(error, source);
}
