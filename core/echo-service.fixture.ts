import {
  type ClientReadableStream,
  type ClientUnaryCall,
  credentials,
  type CallOptions as GrpcCallOptions,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type Metadata,
  makeGenericClientConstructor,
  type ServiceDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { CHANNEL_OPTIONS } from './grpc-client.js';
import type { GrpcService } from './grpc-server.js';

const bytes = (value: Buffer): Buffer => value;
const method = (name: string, responseStream: boolean) => ({
  path: `/sciclomatic.test.v1.EchoService/${name}`,
  requestStream: false,
  responseStream,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
});

const DEFINITION: ServiceDefinition = { say: method('Say', false), repeat: method('Repeat', true) };

export interface EchoHandlers {
  readonly say?: handleUnaryCall<Buffer, Buffer>;
  readonly repeat?: handleServerStreamingCall<Buffer, Buffer>;
}

/** A service whose messages are raw bytes; methods without a handler are not implemented. */
export function createEchoService({ say, repeat }: EchoHandlers): GrpcService {
  return { definition: DEFINITION, implementation: { ...(say ? { say } : {}), ...(repeat ? { repeat } : {}) } };
}

export interface EchoClient {
  say(
    request: Buffer,
    metadata: Metadata,
    options: GrpcCallOptions,
    callback: (error: ServiceError | null, response: Buffer) => void,
  ): ClientUnaryCall;
  repeat(request: Buffer, metadata: Metadata, options: GrpcCallOptions): ClientReadableStream<Buffer>;
  close(): void;
}

export function createEchoClient(address: string): EchoClient {
  const Client = makeGenericClientConstructor(DEFINITION, 'sciclomatic.test.v1.EchoService');
  const client = new Client(address, credentials.createInsecure(), CHANNEL_OPTIONS);
  const { say, repeat } = DEFINITION as { say: ReturnType<typeof method>; repeat: ReturnType<typeof method> };
  return {
    say: (request, metadata, options, callback) =>
      client.makeUnaryRequest<Buffer, Buffer>(say.path, bytes, bytes, request, metadata, options, (error, response) =>
        callback(error, response ?? Buffer.alloc(0)),
      ),
    repeat: (request, metadata, options) =>
      client.makeServerStreamRequest<Buffer, Buffer>(repeat.path, bytes, bytes, request, metadata, options),
    close: () => client.close(),
  };
}
