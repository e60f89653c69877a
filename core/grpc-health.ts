import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import type { Call } from './call.js';
import { SciclomaticError } from './errors.js';
import { CHANNEL_OPTIONS, callUnary } from './grpc-client.js';

const HealthClient = makeGenericClientConstructor(service, 'grpc.health.v1.Health');

/**
 * True when the server at host:port says SERVING (grpc.health.v1).
 * @param part one thing that it offers; a server that knows no health of it is asked for its own
 * @throws SOURCE_UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED
 */
export async function checkGrpcHealth(address: string, call: Call, part = ''): Promise<boolean> {
  if (part === '') return checkService(address, call, '');
  try {
    return await checkService(address, call, part);
  } catch (error) {
    if (SciclomaticError.from(error).code !== 'NOT_FOUND') throw error;
    return checkService(address, call, '');
  }
}

async function checkService(address: string, call: Call, name: string): Promise<boolean> {
  const client = new HealthClient(address, credentials.createInsecure(), CHANNEL_OPTIONS);
  const { path, requestSerialize, responseDeserialize } = healthCheckMethod();
  try {
    const response = await callUnary<{ service: string }, { status: string | number } | undefined>(
      (request, metadata, options, callback) =>
        client.makeUnaryRequest(
          path,
          requestSerialize,
          (bytes: Buffer) => responseDeserialize(bytes) as { status: string | number },
          request,
          metadata,
          options,
          callback,
        ),
      { service: name },
      call,
      address,
    );
    return response?.status === 'SERVING' || response?.status === 1;
  } finally {
    client.close();
  }
}

function healthCheckMethod() {
  const method = (service as Record<string, (typeof service)[keyof typeof service]>).Check;
  if (!method) throw new TypeError('grpc-health-check offers no Check method');
  return method;
}
