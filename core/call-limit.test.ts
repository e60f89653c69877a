import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, jest } from '@jest/globals';
import { createLimit, releaseLimit, renewLimit } from './call-limit.js';

const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason), { once: true }));

describe('createLimit', () => {
  it('aborts with a TimeoutError when the time is over', async () => {
    const signal = createLimit(undefined, 5);
    expect(signal.aborted).toBe(false);
    expect(await aborted(signal)).toMatchObject({ name: 'TimeoutError' });
  });

  it('aborts with its parent and for its reason, also when that was before', async () => {
    const parent = new AbortController();
    const signals = Array.from({ length: 100 }, () => createLimit(parent.signal, 60_000));
    const grandchild = createLimit(signals[0], 50_000);
    parent.abort('gone');
    for (const signal of [...signals, grandchild]) expect(signal).toMatchObject({ aborted: true, reason: 'gone' });
    expect(createLimit(parent.signal, 60_000)).toMatchObject({ aborted: true, reason: 'gone' });
  });

  it('keeps the first reason', async () => {
    const parent = new AbortController();
    const signal = createLimit(parent.signal, 1);
    await aborted(signal);
    parent.abort('late');
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  });

  it.each([0, -1, Number.NEGATIVE_INFINITY])('a limit of %d ms is over at once', (timeoutMs) => {
    expect(createLimit(undefined, timeoutMs).reason).toMatchObject({ name: 'TimeoutError' });
  });

  it.each([2 ** 31, 2 ** 32, Number.POSITIVE_INFINITY])('takes a limit of %d ms for none', async (timeoutMs) => {
    const parent = new AbortController();
    const signal = createLimit(parent.signal, timeoutMs);
    // A timer of more than 2^31 - 1 ms would fire after one.
    await aborted(createLimit(undefined, 10));
    expect(signal.aborted).toBe(false);
    parent.abort();
    expect(signal.aborted).toBe(true);
  });

  it('never aborts once it is released', async () => {
    const parent = new AbortController();
    const signal = createLimit(parent.signal, 1);
    releaseLimit(signal);
    releaseLimit(signal);
    releaseLimit(new AbortController().signal);
    parent.abort();
    await aborted(createLimit(undefined, 10));
    expect(signal.aborted).toBe(false);
  });

  it('begins its time anew when it is renewed, and not once it is released', () => {
    jest.useFakeTimers();
    try {
      const signal = createLimit(undefined, 100);
      for (let count = 0; count < 5; count += 1) {
        jest.advanceTimersByTime(99);
        renewLimit(signal);
      }
      const freed = createLimit(undefined, 100);
      releaseLimit(freed);
      renewLimit(freed);
      jest.advanceTimersByTime(99);
      expect(signal.aborted).toBe(false);
      jest.advanceTimersByTime(1);
      expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
      renewLimit(signal);
      renewLimit(new AbortController().signal);
      jest.advanceTimersByTime(1000);
      expect(freed.aborted).toBe(false);
    } finally {
      jest.useRealTimers();
    }
  });

  it('puts one listener on a parent, whatever it sees', () => {
    const parent = new AbortController();
    const listen = jest.spyOn(parent.signal, 'addEventListener');
    for (let count = 0; count < 1000; count += 1) releaseLimit(createLimit(parent.signal, 60_000));
    expect(listen).toHaveBeenCalledTimes(1);
  });

  it('outlives garbage collection, keeps no process alive, and frees what is released', async () => {
    const module = new URL('./call-limit.ts', import.meta.url).href;
    const script = `
      import { createLimit, releaseLimit } from ${JSON.stringify(module)};
      const parent = new AbortController();
      const limit = createLimit(parent.signal, 50);
      gc();
      const alive = setInterval(() => gc(), 5);
      await new Promise((resolve) => limit.addEventListener('abort', resolve));
      clearInterval(alive);
      // As many before the first look: what a Node compiles and keeps of its own, it has by then.
      for (let count = 0; count < 50_000; count += 1) releaseLimit(createLimit(parent.signal, 600_000));
      gc();
      const before = process.memoryUsage().heapUsed;
      for (let count = 0; count < 50_000; count += 1) releaseLimit(createLimit(parent.signal, 600_000));
      gc();
      console.log(limit.reason.name, process.memoryUsage().heapUsed - before < 1_000_000);
      createLimit(parent.signal, 600_000);
    `;
    const child = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', '--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {},
    });
    let printed = '';
    child.stdout.on('data', (bytes: Buffer) => {
      printed += bytes.toString();
    });
    const [exitCode] = (await once(child, 'close')) as [number];
    expect({ exitCode, printed: printed.trim() }).toEqual({ exitCode: 0, printed: 'TimeoutError true' });
  });
});
