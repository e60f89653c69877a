import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from './log.js';

export interface Loop {
  /** Runs now instead of when the interval ends; resolves when that run is over. */
  wake(): Promise<void>;
  /** Waits for the run under way, then stops. MAY be called twice. */
  stop(): Promise<void>;
}

/**
 * Runs a task again and again: once at the start, then `intervalMs` after each run ended. A run that throws is logged
 * and does not end the loop. Runs never overlap.
 */
export function startLoop(
  name: string,
  intervalMs: number,
  log: Logger,
  task: (signal: AbortSignal) => Promise<void>,
): Loop {
  const stopped = new AbortController();
  let woken = new AbortController();
  let current = Promise.resolve();
  let next = current;
  const run = async () => {
    while (!stopped.signal.aborted) {
      woken = new AbortController();
      current = task(stopped.signal).catch((error: unknown) => {
        if (!stopped.signal.aborted) log.warn({ error, loop: name }, 'A background run failed; it will be tried again');
      });
      await current;
      await delay(intervalMs, undefined, { ref: false, signal: AbortSignal.any([stopped.signal, woken.signal]) }).catch(
        () => undefined,
      );
    }
  };
  const running = run();
  return {
    wake: () => {
      const before = current;
      next = before.then(async () => {
        woken.abort();
        // The loop takes its next turn in the microtasks that follow; wait until `current` is that turn.
        while (current === before && !stopped.signal.aborted) await new Promise((resolve) => setImmediate(resolve));
        await current;
      });
      return next;
    },
    stop: async () => {
      stopped.abort();
      await running;
    },
  };
}
