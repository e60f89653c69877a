import { credentials } from '@grpc/grpc-js';
import { callServerStream } from '../../core/grpc-client.js';
import { createTestCall } from '../../core/test-call.js';
import { ManifestServiceClient } from '../../proto/gen/sciclomatic/storage/v1/manifest.js';

/** For tests: has one peer fetch a dataset from another, as replication does. */
export async function pullBetween(manifestHash: string, from: string, to: string): Promise<void> {
  const client = new ManifestServiceClient(to, credentials.createInsecure());
  try {
    const request = { manifestHash: Buffer.from(manifestHash, 'hex'), fromAddress: from };
    let complete = false;
    for await (const progress of callServerStream(client.pullDataset.bind(client), request, createTestCall(), to)) {
      complete = progress.complete;
    }
    if (!complete) throw new Error('The pull did not end');
  } finally {
    client.close();
  }
}
