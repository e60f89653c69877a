import type { handleClientStreamingCall } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type GrpcServer, startGrpcServer } from '../../core/grpc-server.js';
import { silentLogger } from '../../core/log.js';
import { createTestCall } from '../../core/test-call.js';
import { readDescriptors } from '../../proto/descriptors.js';
import {
  ChunkServiceService,
  type WriteChunksRequest,
  type WriteChunksResponse,
} from '../../proto/gen/sciclomatic/storage/v1/chunk.js';
import { createChunk } from '../chunks/conformance/chunk-store-conformance.js';
import { createPeerConnection } from './peer-connection.js';

const MIB = 1024 * 1024;

/** Takes every frame, or none at all, and never answers. */
describe.each([
  ['takes nothing', false],
  ['never answers', true],
])('a peer that %s', (_what, takes) => {
  let server: GrpcServer;
  const writeChunks: handleClientStreamingCall<WriteChunksRequest, WriteChunksResponse> = (incoming) => {
    if (takes) incoming.resume();
    incoming.on('error', () => undefined);
  };
  beforeEach(async () => {
    server = await startGrpcServer({
      services: [{ definition: ChunkServiceService, implementation: { writeChunks } }],
      descriptors: readDescriptors(),
      host: '127.0.0.1',
      port: 0,
      log: silentLogger,
    });
  });
  afterEach(() => server.close());

  it('is given up when chunks are written to it', async () => {
    const connection = createPeerConnection('mute', server.address, { stallMs: 50 });
    const chunks = Array.from({ length: 12 }, (_, seed) => createChunk(seed, MIB));
    await expect(connection.writeChunks(chunks, createTestCall())).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      source: 'mute',
    });
    connection.close();
  });
});
