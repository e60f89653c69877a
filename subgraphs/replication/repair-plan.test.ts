import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type PlannedCopy, type PlannedPeer, planRepair, type RepairInput, retryDelayMs } from './repair-plan.js';

const peer = (id: string, usable = true): PlannedPeer => ({ id, institutionId: id.split('-')[0] ?? id, usable });
const held = (peerId: string, state: PlannedCopy['state'] = 'AVAILABLE'): PlannedCopy => ({
  peerId,
  institutionId: peer(peerId).institutionId,
  state,
});

function plan(facts: Partial<RepairInput>) {
  return planRepair({
    copies: [],
    peers: ['a', 'b', 'c', 'd'].map((id) => peer(id)),
    requiredCopies: 3,
    failures: {},
    pullingIds: new Set(),
    nowMs: 1000,
    rank: (id) => id,
    ...facts,
  });
}

const targetsOf = (facts: Partial<RepairInput>) => plan(facts).targets.map(({ peerId }) => peerId);
const failure = { attemptCount: 1, nextAttemptAtMs: 5000, problem: 'disk full' };

describe('planRepair', () => {
  it('asks as many institutions as are missing, in the order of rank', () => {
    expect(plan({ copies: [held('a')] })).toMatchObject({ sourceIds: ['a'], outlook: { possible: true } });
    expect(targetsOf({ copies: [held('a')] })).toEqual(['b', 'c']);
    expect(targetsOf({ copies: [held('a')], rank: (id) => (id === 'd' ? '' : id) })).toEqual(['d', 'b']);
    expect(targetsOf({ copies: ['a', 'b', 'c'].map((id) => held(id)) })).toEqual([]);
  });

  it('completes what is nearly there first, and trusts a bad copy last', () => {
    const copies = [held('a'), held('b', 'BAD'), held('d', 'UNAVAILABLE')];
    expect(targetsOf({ copies })).toEqual(['d', 'c']);
    expect(targetsOf({ copies, peers: ['a', 'b'].map((id) => peer(id)) })).toEqual(['b']);
  });

  it('never asks two peers of one institution, nor one whose institution has a copy', () => {
    const peers = ['a-1', 'a-2', 'b-1', 'b-2'].map((id) => peer(id));
    expect(targetsOf({ copies: [held('a-1')], peers })).toEqual(['b-1']);
  });

  it('counts what is being pulled already', () => {
    expect(targetsOf({ copies: [held('a')], pullingIds: new Set(['c']) })).toEqual(['b']);
    expect(targetsOf({ copies: [held('a')], pullingIds: new Set(['b', 'c']) })).toEqual([]);
  });

  it('says why nothing can be done', () => {
    const reasonOf = (facts: Partial<RepairInput>) => {
      const { outlook } = plan(facts);
      return outlook.possible ? undefined : outlook.reason;
    };
    expect(reasonOf({})).toContain('no peer that answers has a good copy');
    expect(reasonOf({ copies: [held('a')], peers: [peer('a'), peer('b', false)] })).toContain('no other institution');
    const waiting = { copies: [held('a')], peers: [peer('a'), peer('b')], failures: { b: failure } };
    expect(reasonOf(waiting)).toContain('disk full');
    expect(reasonOf({ ...waiting, nowMs: 5000 })).toBeUndefined();
  });

  it('prefers a peer that did not fail', () => {
    const failures = { b: { ...failure, nextAttemptAtMs: 0 } };
    expect(targetsOf({ copies: [held('a')], requiredCopies: 2, failures })).toEqual(['c']);
  });

  it('waits 5 s, then twice as long each time, at most an hour', () => {
    expect([1, 2, 3, 100].map(retryDelayMs)).toEqual([5000, 10_000, 20_000, 3_600_000]);
  });

  it('plans no more than is missing, only usable peers, one at each institution without a copy', () => {
    const states = fc.constantFrom('AVAILABLE', 'UNAVAILABLE', 'BAD', 'TEMPORARY_UNAVAILABLE', undefined);
    const swarm = fc.array(
      fc.record({ institution: fc.integer({ min: 0, max: 4 }), usable: fc.boolean(), state: states }),
    );
    fc.assert(
      fc.property(swarm, fc.integer({ min: 1, max: 5 }), (members, requiredCopies) => {
        const peers = members.map(({ institution, usable }, index) => ({
          id: `peer-${index}`,
          institutionId: String(institution),
          usable,
        }));
        const copies = members.flatMap(({ institution, state }, index): PlannedCopy[] =>
          state === undefined ? [] : [{ peerId: `peer-${index}`, institutionId: String(institution), state }],
        );
        const { targets, sourceIds } = plan({ peers, copies, requiredCopies });
        const good = new Set(copies.filter(({ state }) => state === 'AVAILABLE').map((one) => one.institutionId));
        expect(targets.length).toBeLessThanOrEqual(Math.max(0, requiredCopies - good.size));
        expect(new Set(targets.map(({ institutionId }) => institutionId)).size).toBe(targets.length);
        for (const { peerId, institutionId } of targets) {
          expect(peers.find(({ id }) => id === peerId)?.usable).toBe(true);
          expect(good.has(institutionId)).toBe(false);
          expect(sourceIds.length).toBeGreaterThan(0);
        }
      }),
    );
  });
});
