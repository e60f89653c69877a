import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  nextPlanAtMs,
  type PlannedCopy,
  type PlannedPeer,
  planRepair,
  type RepairInput,
  retryDelayMs,
} from './repair-plan.js';

const peer = (id: string, usable = true): PlannedPeer => ({
  id,
  institutionId: id.split('-')[0] ?? id,
  usable,
  trusted: true,
  hasRoom: true,
});
const held = (peerId: string, state: PlannedCopy['state'] = 'AVAILABLE'): PlannedCopy => ({
  peerId,
  institutionId: peer(peerId).institutionId,
  state,
  silentSinceMs: null,
});
const silent = (peerId: string, silentSinceMs: number, state: PlannedCopy['state'] = 'TEMPORARY_UNAVAILABLE') => ({
  ...held(peerId, state),
  silentSinceMs,
});

function plan(facts: Partial<RepairInput>) {
  return planRepair({
    copies: [],
    peers: ['a', 'b', 'c', 'd'].map((id) => peer(id)),
    requiredCopies: 3,
    silentPeerGraceMs: 0,
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

  it('mends what is nearly there first, and trusts a peer that answered wrongly last', () => {
    const copies = [held('a'), held('c', 'BAD'), held('d', 'UNAVAILABLE')];
    expect(targetsOf({ copies })).toEqual(['c', 'd']);
    expect(targetsOf({ copies, requiredCopies: 4 })).toEqual(['c', 'd', 'b']);
    const peers = ['a', 'b', 'd'].map((id) => peer(id)).concat({ ...peer('c'), trusted: false });
    expect(targetsOf({ copies, peers })).toEqual(['d', 'b']);
    expect(targetsOf({ copies, peers: peers.filter(({ id }) => id !== 'b') })).toEqual(['d', 'c']);
  });

  it('asks a peer that may have no room only when there is no other', () => {
    const full = (id: string) => ({ ...peer(id), hasRoom: false });
    const failures = { c: { ...failure, nextAttemptAtMs: 0 } };
    expect(
      targetsOf({
        copies: [held('a'), held('b', 'BAD')],
        peers: ['a', 'c', 'd'].map((id) => peer(id)).concat(full('b')),
        failures,
      }),
    ).toEqual(['d', 'c']);
    expect(targetsOf({ copies: [held('a')], peers: [peer('a'), full('b')] })).toEqual(['b']);
    expect(targetsOf({ copies: [held('a')], peers: [peer('a'), full('b-1'), peer('b-2')] })).toEqual(['b-2']);
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

  it('waits for silent peers as long as they are given, and for no other', () => {
    const silentPeerGraceMs = 500;
    const peers = ['a', 'b', 'd', 'e'].map((id) => peer(id)).concat(peer('c', false));
    const good = [held('a'), held('b')];
    const waiting = { peers, silentPeerGraceMs, copies: [...good, silent('c', 501)] };
    expect(plan(waiting)).toEqual({
      targets: [],
      sourceIds: ['a', 'b'],
      outlook: { possible: true, awaited: { peerIds: ['c'], untilMs: 1001 } },
    });
    expect(targetsOf({ ...waiting, nowMs: 1001 })).toEqual(['d']);
    expect(targetsOf({ ...waiting, silentPeerGraceMs: 0 })).toEqual(['d']);
    // What was not good before it fell silent does not get better by coming back.
    expect(targetsOf({ ...waiting, copies: [...good, silent('c', 501, 'BAD')] })).toEqual(['d']);
    // More are missing than are awaited.
    expect(targetsOf({ ...waiting, copies: [held('a'), silent('c', 501)] })).toEqual(['b']);
    expect(targetsOf({ ...waiting, requiredCopies: 4 })).toEqual(['d']);
    // Another peer of the institution that is awaited would be one copy too many when it comes back.
    const sister = [...peers.slice(0, 2), peer('c-2'), peer('c-1', false)];
    const atOne = { ...waiting, peers: sister, copies: [...good, silent('c-1', 501)] };
    expect(plan(atOne).outlook).toMatchObject({ awaited: { peerIds: ['c-1'] } });
    expect(targetsOf({ ...atOne, nowMs: 1001 })).toEqual(['c-2']);
    // Who could take a copy is said at once.
    expect(plan({ ...waiting, peers: [peer('a'), peer('b')] }).outlook.possible).toBe(false);
  });

  it('comes out otherwise by time alone when a wait is over that was not over yet', () => {
    const input = { copies: [], failures: {}, silentPeerGraceMs: 500, nowMs: 1000 };
    expect(nextPlanAtMs(input)).toBeUndefined();
    expect(nextPlanAtMs({ ...input, failures: { b: failure } })).toBe(5000);
    expect(nextPlanAtMs({ ...input, failures: { b: failure }, nowMs: 5000 })).toBeUndefined();
    expect(nextPlanAtMs({ ...input, failures: { b: failure }, copies: [silent('c', 700)] })).toBe(1200);
    expect(nextPlanAtMs({ ...input, copies: [silent('c', 500), silent('d', 900, 'BAD')] })).toBeUndefined();
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
      fc.property(swarm, fc.integer({ min: 1, max: 5 }), fc.nat(200), (members, requiredCopies, silentPeerGraceMs) => {
        const peers = members.map(({ institution, usable }, index) => ({
          id: `peer-${index}`,
          institutionId: String(institution),
          usable,
          trusted: true,
          hasRoom: true,
        }));
        const copies = members.flatMap(({ institution, state }, index): PlannedCopy[] =>
          state === undefined
            ? []
            : [{ peerId: `peer-${index}`, institutionId: String(institution), state, silentSinceMs: 900 }],
        );
        const { targets, sourceIds } = plan({ peers, copies, requiredCopies, silentPeerGraceMs });
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
