import { describe, expect, it } from '@jest/globals';
import { type Logger, silentLogger as log } from './log.js';
import { startLoop } from './loop.js';

/** Long enough that a loop in a test runs only when it is woken. */
const NEVER_MS = 1_000_000;

/** A task whose runs end when the test says so. */
function createGatedTask() {
  const gates: (() => void)[] = [];
  let running = 0;
  let most = 0;
  const starts: (() => void)[] = [];
  return {
    task: async () => {
      running += 1;
      most = Math.max(most, running);
      const gate = new Promise<void>((resolve) => gates.push(resolve));
      for (const started of starts.splice(0)) started();
      await gate;
      running -= 1;
    },
    /** Resolves when the run of this number, from 1, has begun. */
    started: async (count: number) => {
      while (gates.length < count) await new Promise<void>((resolve) => starts.push(resolve));
    },
    finish: (count: number) => gates[count - 1]?.(),
    readRuns: () => gates.length,
    readMost: () => most,
  };
}

const settled = async (promise: Promise<void>): Promise<boolean> =>
  Promise.race([promise.then(() => true), new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))]);

describe('startLoop', () => {
  it('runs at once, and again after each interval', async () => {
    let runs = 0;
    let loop = { stop: () => Promise.resolve() };
    await new Promise<void>((resolve) => {
      loop = startLoop('test', 1, log, async () => {
        runs += 1;
        if (runs === 3) resolve();
      });
      expect(runs).toBe(1);
    });
    await loop.stop();
  });

  it('never overlaps runs, whoever wakes it', async () => {
    const gated = createGatedTask();
    const loop = startLoop('test', NEVER_MS, log, gated.task);
    const woken = Array.from({ length: 20 }, () => loop.wake());
    await gated.started(1);
    gated.finish(1);
    await gated.started(2);
    expect(await settled(Promise.race(woken))).toBe(false);
    gated.finish(2);
    await Promise.all(woken);
    expect([gated.readRuns(), gated.readMost()]).toEqual([2, 1]);
    await loop.stop();
  });

  it('wakes into a run that begins after the call, not into the one under way', async () => {
    const gated = createGatedTask();
    const loop = startLoop('test', NEVER_MS, log, gated.task);
    const woken = loop.wake();
    gated.finish(1);
    await gated.started(2);
    expect(await settled(woken)).toBe(false);
    gated.finish(2);
    await woken;
    const again = loop.wake();
    await gated.started(3);
    gated.finish(3);
    await again;
    await loop.stop();
  });

  it('goes on after a run that throws, at once or later, and logs it', async () => {
    const warnings: object[] = [];
    const recording: Logger = { ...log, warn: (fields) => void warnings.push(fields) };
    let runs = 0;
    const loop = startLoop('test', NEVER_MS, recording, () => {
      runs += 1;
      if (runs === 1) throw new Error('at once');
      return runs === 2 ? Promise.reject(new Error('later')) : Promise.resolve();
    });
    await loop.wake();
    await loop.wake();
    expect(runs).toBe(3);
    expect(warnings).toMatchObject([{ loop: 'test', error: { message: 'at once' } }, { error: { message: 'later' } }]);
    await loop.stop();
  });

  it('stops after the run under way, tells it so, and says nothing of its failure', async () => {
    const warnings: object[] = [];
    const recording: Logger = { ...log, warn: (fields) => void warnings.push(fields) };
    let runs = 0;
    const loop = startLoop('test', 1, recording, (signal) => {
      runs += 1;
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
    });
    const woken = loop.wake();
    await Promise.all([loop.stop(), loop.stop(), woken]);
    await loop.wake();
    expect([runs, warnings]).toEqual([1, []]);
  });

  it('waits for a run that takes no notice of the stop', async () => {
    const gated = createGatedTask();
    const loop = startLoop('test', NEVER_MS, log, gated.task);
    const stopping = loop.stop();
    expect(await settled(stopping)).toBe(false);
    gated.finish(1);
    await stopping;
    expect(gated.readRuns()).toBe(1);
  });
});
