import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { silentLogger } from './log.js';
import { createOutbox } from './outbox.js';

/** Fills an outbox on a small disk while nothing is delivered, makes the disk larger and delivers; prints what it saw. */
const [disk = ''] = process.argv.slice(2);
const received: string[] = [];
let isUp = false;
const outbox = createOutbox({
  dir: join(disk, 'box'),
  log: silentLogger,
  deliver: async (items) => {
    if (!isUp) throw new Error('down');
    received.push(...items.map((item) => Buffer.from(item).toString()));
  },
  intervalMs: 1_000_000,
});
const taken: string[] = [];
let code: string | undefined;
while (code === undefined) {
  const text = String(taken.length).padStart(100_000, '.');
  await outbox.add(Buffer.from(text)).then(
    () => taken.push(text),
    (error: { code: string }) => {
      code = error.code;
    },
  );
}
const keptAll = outbox.readCount() === taken.length;
const { state: whenFull } = await outbox.checkHealth();
spawnSync('mount', ['-o', 'remount,size=8m', disk]);
const { state: withRoom } = await outbox.checkHealth();
isUp = true;
await outbox.flush();
const left = outbox.readCount();
await outbox.close();
const deliveredAll = received.join() === taken.join();
process.stdout.write(
  JSON.stringify({ code, takenCount: taken.length, keptAll, whenFull, withRoom, deliveredAll, left }),
);
