import { describe, expect, it } from '@jest/globals';
import { type CopyObservation, deriveCopyState, type KnownCopy, NO_CHALLENGE } from './copy-state.js';

const silent: CopyObservation = { kind: 'SILENT', problem: 'connection refused' };

function answered(held: number, challenge: Partial<typeof NO_CHALLENGE>, manifestListed = true): CopyObservation {
  const totalChunkCount = 10;
  return {
    kind: 'ANSWERED',
    heldChunkCount: held,
    totalChunkCount,
    manifestListed,
    challenge: { ...NO_CHALLENGE, ...challenge },
  };
}

const known = (state: KnownCopy['state'], answers = true): KnownCopy => ({ state, reason: `was ${state}`, answers });

interface Row {
  readonly name: string;
  readonly previous?: KnownCopy;
  readonly everListed?: boolean;
  readonly seen: CopyObservation;
  readonly state: KnownCopy['state'] | undefined;
  readonly reason?: string;
}

const rows: readonly Row[] = [
  { name: 'nothing held, never had', seen: answered(0, {}, false), state: undefined },
  { name: 'silent, never had', seen: silent, state: undefined },
  {
    name: 'all of another dataset’s chunks, no manifest',
    seen: answered(10, { rightCount: 5 }, false),
    state: undefined,
  },
  { name: 'all held, all right', seen: answered(10, { rightCount: 5 }), state: 'AVAILABLE' },
  { name: 'all held, not challenged', seen: answered(10, {}), state: 'UNAVAILABLE' },
  {
    name: 'all held, the manifest gone',
    previous: known('AVAILABLE'),
    seen: answered(10, { rightCount: 5 }, false),
    state: 'UNAVAILABLE',
    reason: 'not the manifest',
  },
  {
    name: 'one wrong among right',
    seen: answered(10, { rightCount: 4, wrongCount: 1 }),
    state: 'BAD',
    reason: '1 of 5',
  },
  { name: 'one damaged', seen: answered(10, { rightCount: 4, damagedCount: 1 }), state: 'BAD', reason: 'damaged' },
  { name: 'wrong and some missing', seen: answered(7, { wrongCount: 1, missingCount: 2 }), state: 'BAD' },
  { name: 'MISSING when challenged', seen: answered(10, { missingCount: 1, rightCount: 4 }), state: 'UNAVAILABLE' },
  { name: 'some held', seen: answered(7, { rightCount: 5 }), state: 'UNAVAILABLE', reason: '7 of 10' },
  { name: 'listed, nothing held', everListed: true, seen: answered(0, {}), state: 'UNAVAILABLE', reason: '0 of 10' },
  { name: 'good, then nothing held', previous: known('AVAILABLE'), seen: answered(0, {}), state: 'UNAVAILABLE' },
  { name: 'bad, then all right', previous: known('BAD'), seen: answered(10, { rightCount: 5 }), state: 'AVAILABLE' },
  {
    name: 'silent, then all right',
    previous: known('TEMPORARY_UNAVAILABLE', false),
    seen: answered(10, { rightCount: 5 }),
    state: 'AVAILABLE',
  },
  {
    name: 'good, then silent',
    previous: known('AVAILABLE'),
    seen: silent,
    state: 'TEMPORARY_UNAVAILABLE',
    reason: 'connection refused',
  },
  {
    name: 'silent again',
    previous: known('TEMPORARY_UNAVAILABLE', false),
    seen: silent,
    state: 'TEMPORARY_UNAVAILABLE',
    reason: 'was TEMPORARY_UNAVAILABLE',
  },
  { name: 'bad, then silent', previous: known('BAD'), seen: silent, state: 'BAD', reason: 'Before: was BAD' },
  { name: 'partial, then silent', previous: known('UNAVAILABLE'), seen: silent, state: 'UNAVAILABLE' },
  { name: 'listed, silent before the first audit', everListed: true, seen: silent, state: 'TEMPORARY_UNAVAILABLE' },
];

describe('deriveCopyState', () => {
  it.each(rows)('$name → $state', ({ previous, everListed = false, seen, state, reason }) => {
    const found = deriveCopyState(previous, everListed, seen);
    expect(found?.state).toBe(state);
    if (found === undefined) return;
    expect(found.answers).toBe(seen.kind === 'ANSWERED');
    expect(found.reason).toContain(reason ?? '');
    expect(found.reason).not.toBe('');
  });

  it('says of a dataset without bytes that its keeper has it', () => {
    const seen: CopyObservation = {
      kind: 'ANSWERED',
      heldChunkCount: 0,
      totalChunkCount: 0,
      manifestListed: true,
      challenge: NO_CHALLENGE,
    };
    expect(deriveCopyState(undefined, true, seen)?.state).toBe('AVAILABLE');
  });
});
