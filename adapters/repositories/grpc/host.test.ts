import { afterEach, describe, expect, it } from '@jest/globals';
import { SciclomaticError } from '../../../core/errors.js';
import { checkGrpcHealth } from '../../../core/grpc-health.js';
import { parseInstitutionId, parseRepositoryId } from '../../../core/ids.js';
import { silentLogger } from '../../../core/log.js';
import { createTestCall } from '../../../core/test-call.js';
import { waitFor } from '../../../test/wait-for.js';
import type { RepositoryAdapter } from '../contract.js';
import { createMemoryRepository } from '../memory/memory-repository.js';
import { createGrpcRepository } from './adapter.js';
import { hostRepositories, type RepositoryHost } from './host.js';

describe('the host of repositories', () => {
  let host: RepositoryHost | undefined;
  afterEach(() => host?.close());

  /** Two adapters; the first one's listings fail with what `failure` holds. */
  const start = async (failing: { failure: Error | undefined }, retrySourceMs?: number) => {
    const memory = (id: string) => createMemoryRepository({ id, description: id, datasets: [] });
    const near = memory('near');
    const flaky: RepositoryAdapter = {
      id: near.id,
      supports: near.supports,
      describe: (call) => near.describe(call),
      listDatasets: async function* (after, call) {
        if (failing.failure) throw failing.failure;
        yield* near.listDatasets(after, call);
      },
      readDataset: (localId, call) => near.readDataset(localId, call),
      openFile: (...asked) => near.openFile(...asked),
      close: () => near.close(),
    };
    host = await hostRepositories({
      adapters: [flaky, memory('far')],
      institution: { id: parseInstitutionId('north'), name: 'North', publicKey: new Uint8Array() },
      host: '127.0.0.1',
      port: 0,
      log: silentLogger,
      retrySourceMs,
    });
    return host;
  };
  const list = async ({ address }: RepositoryHost) => {
    const client = await createGrpcRepository({ address, repository: parseRepositoryId('near') }, createTestCall());
    try {
      for await (const _ of client.listDatasets(undefined, createTestCall())) break;
    } finally {
      await client.close();
    }
  };
  const isServing = ({ address }: RepositoryHost, id: string) => checkGrpcHealth(address, createTestCall(), id);

  it('does not serve a repository whose source fails a listing, serves the others, and tries until it is well', async () => {
    const failing: { failure: Error | undefined } = {
      failure: new SciclomaticError('SOURCE_UNAVAILABLE', 'The archive is closed', { source: 'near' }),
    };
    const running = await start(failing, 20);
    expect([await isServing(running, 'near'), (await running.checkHealth()).state]).toEqual([true, 'READY']);
    await expect(list(running)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    expect(await Promise.all(['near', 'far', '', 'unknown'].map((id) => isServing(running, id)))).toEqual([
      false,
      true,
      true,
      true,
    ]);
    expect(await running.checkHealth()).toEqual({ state: 'DEGRADED', reason: 'near: The archive is closed' });
    failing.failure = undefined;
    await waitFor('the source is well again', () => isServing(running, 'near'));
    expect(await running.checkHealth()).toEqual({ state: 'READY' });
  });

  it.each(['BAD_CURSOR', 'RATE_LIMITED', 'INTERNAL'] as const)('goes on serving after %s', async (code) => {
    const running = await start({ failure: new SciclomaticError(code, 'Not the source') });
    await expect(list(running)).rejects.toMatchObject({ code });
    expect(await isServing(running, 'near')).toBe(true);
  });
});
