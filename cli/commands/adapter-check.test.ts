import { Server, ServerCredentials } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { RepositoryAdapter } from '../../adapters/repositories/contract.js';
import { createRepositoryService } from '../../adapters/repositories/grpc/server.js';
import { createMemoryRepository } from '../../adapters/repositories/memory/memory-repository.js';
import { SciclomaticError } from '../../core/errors.js';
import { silentLogger } from '../../core/log.js';
import { openCommandSession } from '../../test/command-session.js';
import { adapterCheck } from './adapter-check.js';

let server: Server | undefined;
afterEach(() => server?.forceShutdown());

/** A server of others: only what is added to it. */
async function serve(add: (bare: Server) => void): Promise<string> {
  const bare = new Server();
  server = bare;
  add(bare);
  const port = await new Promise<number>((resolve, reject) =>
    bare.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return `127.0.0.1:${port}`;
}

function serveRepository(adapter: RepositoryAdapter): Promise<string> {
  const { definition, implementation } = createRepositoryService([adapter], silentLogger);
  return serve((bare) => bare.addService(definition, implementation));
}

const createFar = (): RepositoryAdapter =>
  createMemoryRepository({
    id: 'far',
    description: 'Far',
    datasets: [{ record: { id: 'far:one', title: 'One', creators: [], subjects: [], files: [] }, files: new Map() }],
  });

describe('sc adapter check', () => {
  it('checks a server without health all the same, and says what is missing', async () => {
    const { output } = openCommandSession('http://127.0.0.1:1');
    const address = await serveRepository(createFar());
    await expect(adapterCheck(output, address, {})).rejects.toMatchObject({ code: 'SOURCE_INVALID_ANSWER' });
    const lines = output.results.at(-1)?.lines ?? [];
    expect(lines[0]).toBe('FAILED  grpc.health.v1 says SERVING: the server does not serve grpc.health.v1.Health');
    expect(lines.filter((line) => line.startsWith('  PASSED')).length).toBeGreaterThan(8);
  });

  it('gives the code of what a case ran into', async () => {
    const { output } = openCommandSession('http://127.0.0.1:1');
    const adapter = createFar();
    adapter.listDatasets = () => {
      throw new SciclomaticError('DATA_CORRUPT', 'The list is torn');
    };
    const address = await serveRepository(adapter);
    await expect(adapterCheck(output, address, {})).rejects.toMatchObject({ code: 'SOURCE_INVALID_ANSWER' });
    expect(output.results.at(-1)?.lines).toContain(
      '  FAILED  a second listing gives what the first gave: DATA_CORRUPT: The list is torn',
    );
  });

  it('names the service that a server does not have', async () => {
    const { output } = openCommandSession('http://127.0.0.1:1');
    const address = await serve(() => undefined);
    await expect(adapterCheck(output, address, {})).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      source: address,
      message: expect.stringContaining('sciclomatic.catalog.v1.RepositoryService'),
    });
  });
});
