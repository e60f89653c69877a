import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type GrpcServer, startGrpcServer } from '../../../core/grpc-server.js';
import { parseRepositoryId } from '../../../core/ids.js';
import { silentLogger } from '../../../core/log.js';
import { createTestCall } from '../../../core/test-call.js';
import { readDescriptors } from '../../../proto/descriptors.js';
import { repositoryConformance } from '../conformance/repository-conformance.js';
import { createMemoryRepository } from '../memory/memory-repository.js';
import { createGrpcRepository } from './adapter.js';
import { createRepositoryService } from './server.js';

const file = (path: string, bytes: Uint8Array) => [path, bytes] as const;

function createServed() {
  const record = (localId: string, sizeBytes: number) => ({
    id: `far:${localId}`,
    title: `Dataset ${localId}`,
    creators: [{ name: 'Hopper, Grace' }],
    subjects: ['tests'],
    files: [{ path: 'data.bin', sizeBytes, checksums: [] }],
  });
  return createMemoryRepository({
    id: 'far',
    description: 'Datasets on the other side of a socket',
    batchSize: 2,
    datasets: ['a', 'b', 'c%23#', 'd', 'e'].map((localId, index) => ({
      record: {
        ...record(localId, 1_500_000 + index),
        id: `far:${localId.replaceAll('%', '%25').replaceAll('#', '%23')}`,
      },
      files: new Map([file('data.bin', new Uint8Array(1_500_000 + index).fill(index + 1))]),
    })),
  });
}

describe('a repository behind gRPC', () => {
  let server: GrpcServer;
  beforeAll(async () => {
    const services = [createRepositoryService([createServed()], silentLogger)];
    server = await startGrpcServer({
      services,
      descriptors: readDescriptors(),
      host: '127.0.0.1',
      port: 0,
      log: silentLogger,
    });
  });
  afterAll(() => server.close());

  for (const one of repositoryConformance) {
    it(one.name, async () => {
      const adapter = await createGrpcRepository({ address: server.address }, createTestCall());
      try {
        if (one.needs === undefined || adapter.supports[one.needs]) await one.run(adapter);
      } finally {
        await adapter.close();
      }
    });
  }

  it('says so when the server does not offer the repository', async () => {
    const asked = createGrpcRepository(
      { address: server.address, repository: parseRepositoryId('near') },
      createTestCall(),
    );
    await expect(asked).rejects.toMatchObject({ code: 'UNKNOWN_REPOSITORY' });
  });

  it('says so when nobody listens', async () => {
    await expect(createGrpcRepository({ address: '127.0.0.1:1' }, createTestCall(2000))).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
    });
  });
});
