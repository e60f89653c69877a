import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SciclomaticError } from '../../core/errors.js';
import { hashBlake3, keyedBlake3 } from '../../core/node-hashes.js';
import { createTestCall } from '../../core/test-call.js';
import { ChallengeOutcome } from '../../proto/gen/sciclomatic/storage/v1/audit.js';
import { deriveCopyState } from './copy-state.js';
import { deriveHealth, type HealthCopy } from './dataset-health.js';
import { type CopyEvidence, type ObservedDataset, observePage, RoundSilence } from './observe-page.js';
import { createRepeatableRandom } from './repeatable-random.fixture.js';
import type { StoragePeer } from './storage-peer.js';

/** What a peer does; `holds` is which chunks it really has. */
interface Behaviour {
  readonly kind: 'HONEST' | 'SAYS_MISSING' | 'LIES_HELD' | 'SILENT' | 'SILENT_IN_CHALLENGE' | 'SERVES_WRONG_BYTES';
  readonly institution: number;
  readonly holds: readonly boolean[];
}

const chunks = Array.from({ length: 6 }, (_, index) => Buffer.from(`chunk ${index}`));
const chunkIds = chunks.map((bytes) => hashBlake3(bytes));
const none = new Uint8Array(0);

function createPeer(id: string, { kind, institution, holds }: Behaviour): StoragePeer {
  const fail = () => Promise.reject(new SciclomaticError('SOURCE_UNAVAILABLE', 'silent'));
  const positionOf = (chunkId: Uint8Array) => chunkIds.findIndex((known) => Buffer.compare(known, chunkId) === 0);
  const bytesOf = (chunkId: Uint8Array) => (holds[positionOf(chunkId)] ? chunks[positionOf(chunkId)] : undefined);
  return {
    id,
    institutionId: `institution-${institution}`,
    address: id,
    healthy: true,
    hasChunks: (ids) =>
      kind === 'SILENT'
        ? fail()
        : Promise.resolve(ids.map((chunkId) => kind === 'LIES_HELD' || bytesOf(chunkId) !== undefined)),
    readFreeBytes: () => Promise.resolve(null),
    challenge: (nonce, ids) => {
      if (kind === 'SILENT' || kind === 'SILENT_IN_CHALLENGE') return fail();
      return Promise.resolve(
        ids.map((chunkId) => {
          const bytes = bytesOf(chunkId) ?? none;
          if (kind === 'SAYS_MISSING') return { outcome: ChallengeOutcome.CHALLENGE_OUTCOME_MISSING, keyedHash: none };
          // A liar knows the id and not the bytes: the best it can do is to hash something else.
          const hashed = kind === 'LIES_HELD' ? chunkId : bytes;
          return { outcome: ChallengeOutcome.CHALLENGE_OUTCOME_HELD, keyedHash: keyedBlake3(nonce, hashed) };
        }),
      );
    },
    // Verified by the client as the contract says: what is wrong ends the stream.
    async *readChunks(ids) {
      if (kind === 'SILENT') await fail();
      for (const chunkId of ids) {
        const bytes = bytesOf(chunkId);
        if (bytes === undefined || kind === 'SERVES_WRONG_BYTES') return;
        yield bytes;
      }
    },
    listManifests: async function* () {},
    pullDataset: async function* () {},
  };
}

async function observe(behaviours: readonly Behaviour[], sampleChunks: number, random: () => number) {
  const peers = behaviours.map((behaviour, index) => createPeer(`peer-${index}`, behaviour));
  const listedBy = new Set(peers.map(({ id }) => id));
  const dataset: ObservedDataset = { id: 'sc:1', chunkIds, listedBy, owed: new Map() };
  const silence = new RoundSilence();
  let counter = 0;
  const createNonce = () => {
    counter += 1;
    return Buffer.alloc(32, counter);
  };
  const found = await observePage([dataset], { peers, sampleChunks, random, createNonce, silence }, createTestCall());
  return found.get('sc:1') ?? new Map<string, CopyEvidence>();
}

const behaviour: fc.Arbitrary<Behaviour> = fc.record({
  kind: fc.constantFrom(
    'HONEST' as const,
    'HONEST' as const,
    'SAYS_MISSING' as const,
    'LIES_HELD' as const,
    'SILENT' as const,
    'SILENT_IN_CHALLENGE' as const,
    'SERVES_WRONG_BYTES' as const,
  ),
  institution: fc.nat(3),
  holds: fc.oneof(
    fc.constant(chunks.map(() => true)),
    fc.array(fc.boolean(), { minLength: chunks.length, maxLength: chunks.length }),
  ),
});

describe('observePage', () => {
  it('never lets a copy pass as AVAILABLE that is not there, nor a dataset as OK without enough institutions', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(behaviour, { maxLength: 6 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 2_147_483_646 }),
        async (behaviours, sampleChunks, seed) => {
          const evidence = await observe(behaviours, sampleChunks, createRepeatableRandom(seed));
          const copies = behaviours.flatMap(({ institution }, index): HealthCopy[] => {
            const seen = evidence.get(`peer-${index}`)?.observation ?? { kind: 'SILENT', problem: 'was not asked' };
            const copy = deriveCopyState(undefined, true, seen);
            if (copy === undefined) return [];
            return [
              {
                ...copy,
                peerId: `peer-${index}`,
                institutionId: `institution-${institution}`,
                heldChunkCount: seen.kind === 'ANSWERED' ? seen.heldChunkCount : null,
                everComplete: true,
              },
            ];
          });
          for (const { peerId, state } of copies) {
            const { kind, holds } = behaviours[Number(peerId.split('-')[1])] ?? { kind: 'SILENT', holds: [] };
            const good = ['HONEST', 'SERVES_WRONG_BYTES'].includes(kind) && holds.every(Boolean);
            if (state === 'AVAILABLE') expect(good).toBe(true);
            if (kind === 'HONEST' && holds.every(Boolean)) expect(state).toBe('AVAILABLE');
            if (kind === 'LIES_HELD') expect(state).toBe('BAD');
            const fallsSilent = kind === 'SILENT' || (kind === 'SILENT_IN_CHALLENGE' && holds.every(Boolean));
            if (fallsSilent) expect(state).toBe('TEMPORARY_UNAVAILABLE');
          }
          const requiredCopies = 3;
          const health = deriveHealth({
            copies,
            requiredCopies,
            totalChunkCount: chunks.length,
            audited: true,
            outlook: { possible: true },
          });
          const institutions = new Set(
            copies.filter(({ state }) => state === 'AVAILABLE').map((one) => one.institutionId),
          );
          expect(health.state === 'OK').toBe(institutions.size >= requiredCopies);
          expect(health.missingCopies).toBe(Math.max(0, requiredCopies - institutions.size));
          if (health.state === 'LOST') expect(copies.every(({ answers }) => answers)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('takes bytes for comparison from another peer, and never more than two readings of a chunk', async () => {
    const reads: string[] = [];
    const holds = chunks.map(() => true);
    const peers = [0, 1, 2, 3].map((institution) => {
      const peer = createPeer(`peer-${institution}`, { kind: 'HONEST', institution, holds });
      return {
        ...peer,
        readChunks: (ids: readonly Uint8Array[]) => {
          reads.push(...ids.map((id) => `${peer.id} ${Buffer.from(id).toString('hex')}`));
          return peer.readChunks(ids, createTestCall());
        },
      };
    });
    const dataset = { id: 'sc:1', chunkIds, listedBy: new Set<string>(), owed: new Map() };
    const silence = new RoundSilence();
    const createNonce = () => Buffer.alloc(32, 7);
    const options = { peers, sampleChunks: 16, random: () => 0.5, createNonce, silence };
    const found = await observePage([dataset], options, createTestCall());
    expect([...(found.get('sc:1')?.values() ?? [])].every(({ owed }) => owed.length === 0)).toBe(true);
    expect(reads).toHaveLength(2 * chunks.length);
    expect(new Set(reads).size).toBe(reads.length);
  });

  it('asks again for what was answered wrongly or not at all', async () => {
    const all = chunks.map(() => true);
    const evidence = await observe(
      [
        { kind: 'HONEST', institution: 0, holds: all },
        { kind: 'LIES_HELD', institution: 1, holds: all },
        { kind: 'SILENT_IN_CHALLENGE', institution: 2, holds: all },
      ],
      2,
      () => 0.3,
    );
    const owedOf = (index: number) => evidence.get(`peer-${index}`)?.owed.length;
    expect([owedOf(0), owedOf(1), owedOf(2)]).toEqual([0, 2, 2]);
  });

  it('stops asking a peer that fell silent twice in the round', async () => {
    let asked = 0;
    const silent: StoragePeer = {
      ...createPeer('peer-0', { kind: 'SILENT', institution: 0, holds: [] }),
      hasChunks: () => {
        asked += 1;
        return Promise.reject(new SciclomaticError('DEADLINE_EXCEEDED', 'too slow'));
      },
    };
    const silence = new RoundSilence();
    const options = { peers: [silent], sampleChunks: 1, random: () => 0, createNonce: () => Buffer.alloc(32), silence };
    const dataset = { id: 'sc:1', chunkIds, listedBy: new Set<string>(), owed: new Map() };
    for (let page = 0; page < 5; page += 1) {
      const found = await observePage([dataset], options, createTestCall());
      expect(found.get('sc:1')?.get('peer-0')?.observation).toEqual({
        kind: 'SILENT',
        problem: 'it did not answer in time',
      });
    }
    expect(asked).toBe(2);
  });
});
