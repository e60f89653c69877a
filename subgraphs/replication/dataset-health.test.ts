import { describe, expect, it } from '@jest/globals';
import { deriveHealth, type HealthCopy, type HealthInput } from './dataset-health.js';

const copy = (institutionId: string, state: HealthCopy['state'], facts: Partial<HealthCopy> = {}): HealthCopy => ({
  peerId: `${institutionId}-peer`,
  institutionId,
  state,
  answers: state !== 'TEMPORARY_UNAVAILABLE',
  heldChunkCount: state === 'TEMPORARY_UNAVAILABLE' ? null : 10,
  everComplete: true,
  ...facts,
});
const good = (institutionId: string) => copy(institutionId, 'AVAILABLE');
const silent = (institutionId: string) => copy(institutionId, 'TEMPORARY_UNAVAILABLE');
const stuck: HealthInput['outlook'] = { possible: false, reason: 'nobody can take one' };

interface Row {
  readonly name: string;
  readonly copies: readonly HealthCopy[];
  readonly outlook?: HealthInput['outlook'];
  readonly audited?: boolean;
  readonly state: string;
  readonly missing: number;
  readonly reason?: string;
}

const rows: readonly Row[] = [
  { name: 'before the first audit', copies: [], audited: false, state: 'UNKNOWN', missing: 3 },
  { name: 'three institutions', copies: [good('a'), good('b'), good('c')], state: 'OK', missing: 0 },
  { name: 'more than enough', copies: ['a', 'b', 'c', 'd'].map(good), state: 'OK', missing: 0 },
  {
    name: 'three peers of two institutions',
    copies: [good('a'), { ...good('a'), peerId: 'a-2' }, good('b')],
    outlook: stuck,
    state: 'STUCK',
    missing: 1,
  },
  {
    name: 'one silent, others could take over',
    copies: [good('a'), good('b'), silent('c')],
    state: 'REPLICATING',
    missing: 1,
  },
  {
    name: 'one silent that is waited for',
    copies: [good('a'), good('b'), silent('c')],
    outlook: { possible: true, awaited: { peerIds: ['c-peer'], untilMs: Date.parse('2026-03-01T12:10:00.000Z') } },
    state: 'REPLICATING',
    missing: 1,
    reason: 'c-peer is silent and may come back; copies elsewhere from 2026-03-01T12:10:00.000Z on',
  },
  {
    name: 'one silent, nobody can',
    copies: [good('a'), good('b'), silent('c')],
    outlook: stuck,
    state: 'STUCK',
    missing: 1,
    reason: 'nobody can take one',
  },
  {
    name: 'one being copied, although more cannot be made',
    copies: [good('a'), copy('b', 'COPYING', { everComplete: false })],
    outlook: stuck,
    state: 'REPLICATING',
    missing: 2,
    reason: 'b-peer',
  },
  { name: 'only a silent one', copies: [silent('a')], outlook: stuck, state: 'STUCK', missing: 3, reason: 'a-peer' },
  {
    name: 'a bad one that fell silent',
    copies: [copy('a', 'BAD', { answers: false, heldChunkCount: null })],
    state: 'STUCK',
    missing: 3,
  },
  { name: 'all answer, none has it', copies: [copy('a', 'BAD'), copy('b', 'UNAVAILABLE')], state: 'LOST', missing: 3 },
  {
    name: 'nobody has it, and the silent one never had',
    copies: [
      copy('a', 'UNAVAILABLE', { heldChunkCount: 4 }),
      copy('b', 'UNAVAILABLE', { answers: false, heldChunkCount: null, everComplete: false }),
    ],
    state: 'LOST',
    missing: 3,
    reason: '4 of 10',
  },
];

describe('deriveHealth', () => {
  it.each(rows)(
    '$name → $state',
    ({ copies, outlook = { possible: true }, audited = true, state, missing, reason }) => {
      const health = deriveHealth({ copies, requiredCopies: 3, totalChunkCount: 10, audited, outlook });
      expect(health).toMatchObject({ state, missingCopies: missing });
      expect(health.reason).toContain(reason ?? '');
    },
  );
});
