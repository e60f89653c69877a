import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import type { Call } from './call.js';
import { CHANNEL_OPTIONS, createCallOptions, createMetadata } from './grpc-client.js';
import { fromGrpcError } from './grpc-errors.js';

const HealthClient = makeGenericClientConstructor(service, 'grpc.health.v1.Health');

/** True when the server at host:port says SERVING (grpc.health.v1). @throws SOURCE_UNAVAILABLE, DEADLINE_EXCEEDED */
export async function checkGrpcHealth(address: string, call: Call): Promise<boolean> {
  const client = new HealthClient(address, credentials.createInsecure(), CHANNEL_OPTIONS);
  const { path, requestSerialize, responseDeserialize } = healthCheckMethod();
  try {
    return await new Promise<boolean>((resolve, reject) => {
      client.makeUnaryRequest(
        path,
        (request: { service: string }) => requestSerialize(request),
        (bytes: Buffer) => responseDeserialize(bytes) as { status: string | number },
        { service: '' },
        createMetadata(call),
        createCallOptions(call),
        (error, response) => {
          if (error) reject(fromGrpcError(error, address));
          else resolve(response?.status === 'SERVING' || response?.status === 1);
        },
      );
    });
  } finally {
    client.close();
  }
}

function healthCheckMethod() {
  const method = (service as Record<string, (typeof service)[keyof typeof service]>).Check;
  if (!method) throw new TypeError('grpc-health-check offers no Check method');
  return method;
}
