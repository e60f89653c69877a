import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import type { Call } from './call.js';
import { CHANNEL_OPTIONS, callUnary } from './grpc-client.js';

const HealthClient = makeGenericClientConstructor(service, 'grpc.health.v1.Health');

/** True when the server at host:port says SERVING (grpc.health.v1). @throws SOURCE_UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED */
export async function checkGrpcHealth(address: string, call: Call): Promise<boolean> {
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
      { service: '' },
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
