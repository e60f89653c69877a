import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Directory, DirectoryEntry } from '../adapters/directory.js';
import { createMemorySearchIndex } from '../adapters/search/memory/memory-search-index.js';
import { SciclomaticError } from '../core/errors.js';
import { parseInstitutionId } from '../core/ids.js';
import { silentLogger as log } from '../core/log.js';
import { createSigningKey } from '../core/node-crypto.js';
import type { Part } from '../core/part.js';
import { createRegistrySubgraph } from './registry/main.js';
import { createReplicationSubgraph } from './replication/main.js';
import { createSearchSubgraph } from './search/main.js';

let dir = '';
const started: Part[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'check-health-'));
});
afterEach(async () => {
  for (const part of started.splice(0)) await part.close();
  await rm(dir, { recursive: true });
});

function keep<Started extends Part>(part: Started): Started {
  started.push(part);
  return part;
}

const verifyCaller = () => Promise.resolve();

/** A directory whose peers the test changes. */
function createFakeDirectory(peers: DirectoryEntry[]): Directory {
  return {
    listAdapters: async (kind) => (kind === 'STORAGE_PEER' ? peers : []),
    close: () => Promise.resolve(),
  };
}

const peerOf = (institution: string, state: DirectoryEntry['state']): DirectoryEntry => ({
  id: `peer-${institution}`,
  kind: 'STORAGE_PEER',
  institution: { id: parseInstitutionId(institution), name: institution, publicKey: new Uint8Array() },
  address: '127.0.0.1:1',
  supports: [],
  name: '',
  description: '',
  state,
  reason: '',
  lastSeenAtMs: 0,
});

it('the registry is READY while its server answers, and says that it does not after', async () => {
  const registry = keep(
    await createRegistrySubgraph({
      dir,
      host: '127.0.0.1',
      port: 0,
      leaseMs: 60_000,
      healthIntervalMs: 60_000,
      log,
      verifyCaller,
    }),
  );
  expect(await registry.checkHealth()).toEqual({ state: 'READY' });
  await registry.close();
  expect(await registry.checkHealth()).toMatchObject({
    state: 'NOT_READY',
    reason: expect.stringContaining(registry.address),
  });
});

it('replication is DEGRADED while fewer institutions than copies have a healthy peer', async () => {
  const peers = [peerOf('alpha', 'HEALTHY'), peerOf('beta', 'SUSPENDED')];
  const replication = keep(
    await createReplicationSubgraph({
      dir,
      institution: { id: parseInstitutionId('alpha') },
      signingKey: createSigningKey(),
      directory: createFakeDirectory(peers),
      recordProvenance: () => Promise.resolve(),
      requiredCopies: 2,
      auditIntervalMs: 1_000_000,
      watchIntervalMs: 1_000_000,
      log,
      verifyCaller,
    }),
  );
  expect(await replication.checkHealth()).toEqual({
    state: 'DEGRADED',
    reason: 'Datasets should have 2 copies; institutions with a healthy peer: 1',
  });
  peers.push(peerOf('gamma', 'HEALTHY'));
  expect(await replication.checkHealth()).toEqual({ state: 'READY' });
});

it('search is NOT_READY while its index does not answer', async () => {
  const index = createMemorySearchIndex();
  let broken = false;
  const search = keep(
    await createSearchSubgraph({
      dir,
      index: {
        ...index,
        countByRepository: async (call) => {
          if (broken) throw new SciclomaticError('DATA_CORRUPT', 'a segment is damaged');
          return index.countByRepository(call);
        },
      },
      directory: createFakeDirectory([]),
      openRepository: () => Promise.reject(new SciclomaticError('UNKNOWN_REPOSITORY', 'none')),
      recordHarvest: () => Promise.resolve(),
      harvestIntervalMs: 1_000_000,
      swarmIntervalMs: 1_000_000,
      watchIntervalMs: 1_000_000,
      log,
      verifyCaller,
    }),
  );
  expect(await search.checkHealth()).toEqual({ state: 'READY' });
  broken = true;
  expect(await search.checkHealth()).toEqual({
    state: 'NOT_READY',
    reason: 'The index does not answer: a segment is damaged',
  });
});
