import { assertActive, type Call } from '../../../core/call.js';

export interface AppendQueue {
  /** Index of each entry, in order. */
  append(entries: readonly Uint8Array[], call: Call): Promise<number[]>;
  /** Resolves when nothing waits or runs. */
  drain(): Promise<void>;
}

/** Most entries of one batch: one bundle's worth, so that a batch fills at most one tile of a level beyond the edge. */
const MAX_BATCH_ENTRIES = 256;

interface Waiting {
  readonly entries: readonly Uint8Array[];
  readonly call: Call;
  resolve(indexes: number[]): void;
  reject(error: unknown): void;
}

/**
 * Gathers what comes while a batch is being written into the next batch, so that many appends share one round of fsync.
 * There is no timer: a lone append is written at once. A longer list is cut into batches, in order; when one of them fails
 * the earlier ones stay appended, and appending the list again gives them the same indexes.
 */
export function createAppendQueue(appendBatch: (entries: readonly Uint8Array[]) => Promise<number[]>): AppendQueue {
  const waiting: Waiting[] = [];
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const batch = takeBatch(waiting);
      if (batch.length === 0) continue;
      try {
        const indexes = await appendBatch(batch.flatMap((one) => one.entries));
        let start = 0;
        for (const one of batch) {
          one.resolve(indexes.slice(start, start + one.entries.length));
          start += one.entries.length;
        }
      } catch (error) {
        for (const one of batch) one.reject(error);
      }
    }
    running = undefined;
  }

  function enqueue(entries: readonly Uint8Array[], call: Call): Promise<number[]> {
    return new Promise((resolve, reject) => {
      waiting.push({ entries, call, resolve, reject });
      running ??= run();
    });
  }

  return {
    append: async (entries, call) => {
      // Copied, because the caller may use its buffers again before the batch is written.
      const copies = entries.map((entry) => entry.slice());
      const indexes: number[] = [];
      for (let start = 0; start < copies.length; start += MAX_BATCH_ENTRIES) {
        indexes.push(...(await enqueue(copies.slice(start, start + MAX_BATCH_ENTRIES), call)));
      }
      return indexes;
    },
    drain: async () => {
      while (running !== undefined) await running;
    },
  };
}

/** The next requests that fit into one batch; those whose call has ended are refused instead. */
function takeBatch(waiting: Waiting[]): Waiting[] {
  const batch: Waiting[] = [];
  let count = 0;
  for (
    let next = waiting[0];
    next !== undefined && count + next.entries.length <= MAX_BATCH_ENTRIES;
    next = waiting[0]
  ) {
    waiting.shift();
    try {
      assertActive(next.call);
      batch.push(next);
      count += next.entries.length;
    } catch (error) {
      next.reject(error);
    }
  }
  return batch;
}
