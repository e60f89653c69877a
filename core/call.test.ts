import { describe, expect, it } from '@jest/globals';
import { assertActive, createCall, endCall, limitCall, parseTimeoutMs, remainingMs } from './call.js';
import { SciclomaticError } from './errors.js';
import { type Logger, silentLogger as log } from './log.js';

const ended = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

describe('createCall', () => {
  it.each(['a', 'Req-1.2:3_4', 'x'.repeat(128)])('keeps the request id %s', (requestId) => {
    expect(createCall({ log, requestId }).requestId).toBe(requestId);
  });

  it.each([undefined, null, '', 'x'.repeat(129), 'two words', 'line\nbreak', 'é', '{"a":1}'])(
    'replaces the request id %j',
    (requestId) => {
      const [one, other] = [createCall({ log, requestId }), createCall({ log, requestId })];
      expect(one.requestId).toMatch(/^[0-9a-f-]{36}$/);
      expect(one.requestId).not.toBe(other.requestId);
    },
  );

  it('logs under its request id', () => {
    const seen: object[] = [];
    const recording: Logger = {
      ...log,
      child: (fields) => {
        seen.push(fields);
        return recording;
      },
    };
    createCall({ log: recording, requestId: 'r-1' });
    expect(seen).toEqual([{ requestId: 'r-1' }]);
  });

  it('has no end without limit and signal', () => {
    const call = createCall({ log });
    expect([call.deadlineAt, remainingMs(call), call.signal.aborted]).toEqual([undefined, undefined, false]);
    assertActive(call);
  });

  it('ends when its time is over', async () => {
    const call = createCall({ log, timeoutMs: 5 });
    expect(remainingMs(call)).toBeLessThanOrEqual(5);
    await ended(call.signal);
    expect(() => assertActive(call)).toThrow(expect.objectContaining({ code: 'DEADLINE_EXCEEDED' }));
    expect(remainingMs({ deadlineAt: Date.now() - 10 })).toBe(0);
  });

  it('ends when the caller leaves, with a limit and without', () => {
    for (const timeoutMs of [undefined, 60_000]) {
      const caller = new AbortController();
      const call = createCall({ log, signal: caller.signal, timeoutMs });
      caller.abort();
      expect(() => assertActive(call)).toThrow(expect.objectContaining({ code: 'CANCELLED' }));
    }
  });

  it('ends for the reason that the caller gave', () => {
    const caller = new AbortController();
    const call = createCall({ log, signal: caller.signal, timeoutMs: 60_000 });
    caller.abort(new SciclomaticError('FORBIDDEN', 'no more'));
    expect(() => assertActive(call)).toThrow(expect.objectContaining({ code: 'FORBIDDEN', message: 'no more' }));
    const other = createCall({ log, signal: AbortSignal.abort('left') });
    expect(() => assertActive(other)).toThrow(expect.objectContaining({ code: 'CANCELLED', message: 'left' }));
  });
});

describe('limitCall', () => {
  it('shortens, never lengthens, and leaves the call as it is', async () => {
    const call = createCall({ log, timeoutMs: 60_000, requestId: 'r-1' });
    const short = limitCall(call, 5);
    const long = limitCall(short, 60_000);
    expect(short.requestId).toBe('r-1');
    expect(long.deadlineAt).toBe(short.deadlineAt);
    await ended(long.signal);
    expect(() => assertActive(long)).toThrow(expect.objectContaining({ code: 'DEADLINE_EXCEEDED' }));
    expect(call.signal.aborted).toBe(false);
  });

  it('ends with the call', () => {
    const caller = new AbortController();
    const limited = limitCall(createCall({ log, signal: caller.signal }), 60_000);
    caller.abort();
    expect(() => assertActive(limited)).toThrow(expect.objectContaining({ code: 'CANCELLED' }));
  });
});

describe('endCall', () => {
  it('frees the limit: what happens later does not concern the call', async () => {
    const caller = new AbortController();
    const call = createCall({ log, signal: caller.signal, timeoutMs: 5 });
    endCall(call);
    caller.abort();
    await ended(createCall({ log, timeoutMs: 20 }).signal);
    assertActive(call);
    endCall(createCall({ log }));
  });
});

describe('parseTimeoutMs', () => {
  it.each([
    ['250', 250],
    ['5000', 1000],
    ['0', 1000],
    ['-5', 1000],
    ['1.5', 1000],
    ['soon', 1000],
    ['Infinity', 1000],
    ['', 1000],
    [null, 1000],
    [undefined, 1000],
  ])('%j is %d of at most 1000', (value, expected) => {
    expect(parseTimeoutMs(value, 1000)).toBe(expected);
  });
});
