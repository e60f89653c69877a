import type { Logger } from './log.js';

export interface Loop {
  /** Runs now, or again after the run under way; resolves when that run is over, or when the loop was stopped before it. */
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
  let waiting: (() => void)[] = [];
  let endPause: () => void = () => undefined;
  const attempt = async (): Promise<void> => {
    try {
      await task(stopped.signal);
    } catch (error) {
      if (!stopped.signal.aborted) log.warn({ error, loop: name }, 'A background run failed; it will be tried again');
    }
  };
  // A timer and no AbortSignal.any: it would leave an entry with `stopped` for every run of a process that runs for months.
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, intervalMs).unref();
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const run = async () => {
    while (!stopped.signal.aborted) {
      const served = waiting;
      waiting = [];
      await attempt();
      for (const resolve of served) resolve();
      if (waiting.length === 0 && !stopped.signal.aborted) await pause();
    }
    for (const resolve of waiting) resolve();
  };
  const running = run();
  return {
    wake: () => {
      if (stopped.signal.aborted) return running;
      return new Promise((resolve) => {
        waiting.push(resolve);
        endPause();
      });
    },
    stop: () => {
      stopped.abort();
      endPause();
      return running;
    },
  };
}
