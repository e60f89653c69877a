import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodePosition, encodePosition, nextRun, nextWindow, OAI_BEGINNING, shortenWindow } from './oai-position.js';

const told = (count: number) =>
  new Set(
    Array.from(
      { length: count },
      (_, index) => `${7_000_000 + index * 7919}@2026-01-02T03:04:${String(index % 60).padStart(2, '0')}Z`,
    ),
  );

describe('the position of an OAI-PMH harvest', () => {
  it('comes back from its cursor', () => {
    const text = fc.option(fc.string({ minLength: 1 }), { nil: undefined });
    const marks = fc.array(fc.stringMatching(/^\d{1,9}@[\dTZ:-]{10,20}$/)).map((list) => new Set(list));
    fc.assert(
      fc.property(text, text, marks, (from, token, set) => {
        const position = { ...OAI_BEGINNING, from, token, told: set };
        expect(decodePosition('list', encodePosition('list', position))).toEqual(position);
      }),
    );
  });

  it('fits into 64 KiB however much was told; the newest is kept', () => {
    const cursor = encodePosition('list', { ...OAI_BEGINNING, token: 'x9'.repeat(4000), told: told(20_000) });
    expect(Buffer.byteLength(cursor)).toBeLessThanOrEqual(64 * 1024);
    expect([...decodePosition('list', cursor).told]).toEqual([...told(20_000)].slice(-3000));
  });

  it('is BAD_CURSOR for another list and for what is no position', () => {
    const cursor = encodePosition('list', OAI_BEGINNING);
    for (const [list, text] of [
      ['other', cursor],
      ['list', cursor.slice(2)],
      ['list', 'x'],
    ] as const) {
      expect(() => decodePosition(list, text)).toThrow(expect.objectContaining({ code: 'BAD_CURSOR' }));
    }
  });

  it('cuts a window so that windows follow each other without gap or overlap, to the last', () => {
    const window = { ...OAI_BEGINNING, from: '2026-01-01T00:00:00Z', startedAt: '2026-01-31T00:00:00Z' };
    const first = shortenWindow(window, '2014-01-01T00:00:00Z', 0.1);
    expect(first).toMatchObject({ from: '2026-01-01T00:00:00Z', until: '2026-01-03T23:59:59Z' });
    const second = first && nextWindow(first, undefined);
    expect(second).toMatchObject({ from: '2026-01-04T00:00:00Z', until: '2026-01-09T23:59:59Z' });
    const third = second && nextWindow(second, undefined);
    const last = third && nextWindow(third, undefined);
    expect(last).toMatchObject({ from: '2026-01-22T00:00:00Z', until: undefined });
    expect(last && nextWindow(last, undefined)).toBeUndefined();
  });

  it('cuts whole days where the source counts days, and nothing shorter than one step', () => {
    const days = { ...OAI_BEGINNING, from: '2026-01-01', until: '2026-01-10' };
    expect(shortenWindow(days, '2014-01-01', 0.5)).toMatchObject({ from: '2026-01-01', until: '2026-01-05' });
    expect(shortenWindow({ ...days, until: '2026-01-01' }, '2014-01-01', 0.5)).toBeUndefined();
  });

  it('begins the next run at the newest record, or when this run began if that is earlier', () => {
    const marks = new Set(['1@2026-01-05T00:00:00Z', '2@2026-01-09T00:00:00Z']);
    const end = { ...OAI_BEGINNING, latest: '2026-01-09T00:00:00Z', told: marks };
    expect(nextRun({ ...end, startedAt: '2026-02-01T00:00:00Z' }, undefined)).toMatchObject({
      from: '2026-01-09T00:00:00Z',
      told: new Set(['2@2026-01-09T00:00:00Z']),
    });
    expect(nextRun({ ...end, startedAt: '2026-01-05T00:00:00Z' }, undefined)).toMatchObject({
      from: '2026-01-05T00:00:00Z',
      told: marks,
    });
  });
});
