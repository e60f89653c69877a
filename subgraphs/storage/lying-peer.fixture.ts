import { credentials } from '@grpc/grpc-js';
import { callServerStream, callUnary } from '../../core/grpc-client.js';
import { serverStreamHandler, startGrpcServer, unaryHandler } from '../../core/grpc-server.js';
import { silentLogger } from '../../core/log.js';
import { createTestCall } from '../../core/test-call.js';
import { readDescriptors } from '../../proto/descriptors.js';
import {
  ChunkServiceClient,
  ChunkServiceService,
  type ReadChunksRequest,
  type ReadChunksResponse,
} from '../../proto/gen/sciclomatic/storage/v1/chunk.js';
import {
  ManifestServiceClient,
  ManifestServiceService,
  type ReadManifestRequest,
} from '../../proto/gen/sciclomatic/storage/v1/manifest.js';

export type Lie = 'WRONG_BYTES' | 'CUT_SHORT' | 'TOO_LONG' | 'WRONG_ORDER' | 'NOTHING';

export interface LyingPeer {
  readonly address: string;
  /** How often chunks were asked for. */
  askedCount(): number;
  /** How often a manifest was asked for. */
  manifestCount(): number;
  close(): Promise<void>;
}

/** For tests: passes everything on to an honest peer, but lies about chunks from the third frame on. */
export async function startLyingPeer(honestAddress: string, lie: Lie): Promise<LyingPeer> {
  const chunks = new ChunkServiceClient(honestAddress, credentials.createInsecure());
  const manifests = new ManifestServiceClient(honestAddress, credentials.createInsecure());
  let asked = 0;
  let manifestsAsked = 0;
  async function* readChunks(request: ReadChunksRequest): AsyncGenerator<ReadChunksResponse> {
    asked += 1;
    let frame = 0;
    const frames = callServerStream(chunks.readChunks.bind(chunks), request, createTestCall(), 'honest');
    for await (const message of frames) {
      frame += 1;
      if (frame === 7 && lie === 'CUT_SHORT') return;
      yield frame < 7 ? message : distort(message, lie);
    }
  }
  const server = await startGrpcServer({
    services: [
      {
        definition: ChunkServiceService,
        implementation: { readChunks: serverStreamHandler(silentLogger, readChunks) },
      },
      {
        definition: ManifestServiceService,
        implementation: {
          readManifest: unaryHandler(silentLogger, async (request: ReadManifestRequest, call) => {
            manifestsAsked += 1;
            return callUnary(manifests.readManifest.bind(manifests), request, call, 'honest');
          }),
        },
      },
    ],
    descriptors: readDescriptors(),
    host: '127.0.0.1',
    port: 0,
    log: silentLogger,
  });
  return {
    address: server.address,
    askedCount: () => asked,
    manifestCount: () => manifestsAsked,
    close: async () => {
      chunks.close();
      manifests.close();
      await server.close();
    },
  };
}

function distort(message: ReadChunksResponse, lie: Lie): ReadChunksResponse {
  switch (lie) {
    case 'WRONG_BYTES': {
      const bytes = Uint8Array.from(message.bytes);
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      return { ...message, bytes };
    }
    case 'TOO_LONG':
      return { ...message, bytes: Buffer.concat([message.bytes, message.bytes]) };
    case 'WRONG_ORDER':
      return { ...message, chunkIndex: message.chunkIndex + 1 };
    case 'CUT_SHORT':
    case 'NOTHING':
      return message;
  }
}
