import { basename } from 'node:path';
import type { RootDatabase } from 'lmdb';
import { checkRoom, commit, openEnvironment } from './lmdb.js';
import type { Logger } from './log.js';
import { type Loop, startLoop } from './loop.js';
import { createWatchedGauge } from './metrics.js';
import type { PartHealth } from './part.js';

const backlog = createWatchedGauge({
  name: 'sc_outbox_items',
  help: 'Items that wait for delivery, by outbox (the name of its folder).',
  labelNames: ['outbox'],
});

export interface Outbox {
  /** Keeps the item; on disk when it resolves. Delivered later, in order, at least once. @throws STORAGE_FULL */
  add(item: Uint8Array): Promise<void>;
  /** Tries to deliver now. */
  flush(): Promise<void>;
  readCount(): number;
  /** DEGRADED while its disk is full. */
  checkHealth(): Promise<PartHealth>;
  close(): Promise<void>;
}

export interface OutboxOptions {
  readonly dir: string;
  readonly log: Logger;
  /** Delivers items in order; those of a call that throws are kept and tried again. MUST be idempotent. */
  readonly deliver: (items: readonly Uint8Array[]) => Promise<void>;
  /** Wait between tries, in milliseconds. */
  readonly intervalMs?: number;
}

/** Items per delivery; a LedgerService request takes as many. */
const BATCH_ITEMS = 256;

/** Default wait between tries, in milliseconds: short, because an idle outbox costs one key lookup. */
const DEFAULT_INTERVAL_MS = 1000;

/** A durable queue towards a service that may be down: nothing is lost because the other side was. */
export function createOutbox(options: OutboxOptions): Outbox {
  const database: RootDatabase<Buffer, number> = openEnvironment({
    path: options.dir,
    encoding: 'binary',
    keyEncoding: 'ordered-binary',
  });
  const last = [...database.getKeys({ reverse: true, limit: 1 })][0];
  let nextKey = (last ?? 0) + 1;
  const loop: Loop = startLoop('outbox', options.intervalMs ?? DEFAULT_INTERVAL_MS, options.log, async (signal) => {
    while (!signal.aborted) {
      const batch = [...database.getRange({ limit: BATCH_ITEMS })];
      if (batch.length === 0) return;
      await options.deliver(batch.map(({ value }) => Uint8Array.from(value)));
      await commit(database, () => {
        for (const { key } of batch) void database.remove(key);
      });
    }
  });
  const unwatch = backlog.watch({ outbox: basename(options.dir) }, () => database.getCount());
  return {
    add: async (item) => {
      await commit(database, () => {
        void database.put(nextKey++, Buffer.from(item));
      });
      void loop.wake();
    },
    flush: () => loop.wake(),
    readCount: () => database.getCount(),
    checkHealth: () => checkRoom(database, 'The outbox'),
    close: async () => {
      unwatch();
      await loop.stop();
      await database.close();
    },
  };
}
