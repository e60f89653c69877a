/** Runs tasks of the same key one after the other, tasks of different keys at the same time. */
export interface KeyedLock {
  <Result>(key: string, task: () => Promise<Result>): Promise<Result>;
  /** Resolves when no task runs or waits. */
  drain(): Promise<void>;
}

export function createKeyedLock(): KeyedLock {
  const tails = new Map<string, Promise<unknown>>();
  const run = async <Result>(key: string, task: () => Promise<Result>): Promise<Result> => {
    const before = tails.get(key);
    const mine = before === undefined ? task() : before.then(task, task);
    tails.set(key, mine);
    try {
      return await mine;
    } finally {
      if (tails.get(key) === mine) tails.delete(key);
    }
  };
  return Object.assign(run, {
    drain: async () => {
      while (tails.size > 0) await Promise.allSettled(tails.values());
    },
  });
}
