import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { checkRoom, commit, openEnvironment } from './lmdb.js';

/** Writes to a small disk until nothing fits, makes the disk larger and writes on; prints what it saw. */
const [disk = ''] = process.argv.slice(2);
const environment = openEnvironment<string, string>({ path: join(disk, 'environment') });
const healthAtFirst = await checkRoom(environment, 'The shelf');
const kept: string[] = [];
const codes = new Set<string>();
// Of several sizes: when the disk takes a part of a write, the system says something else than when it takes nothing.
for (let place = 0; place < 80; place++) {
  const key = String(place);
  await commit(environment, () => environment.put(key, key.repeat(2000))).then(
    () => kept.push(key),
    (error: { code: string }) => codes.add(error.code),
  );
}
const held = [...environment.getKeys()];
const healthWhenFull = await checkRoom(environment, 'The shelf');
spawnSync('mount', ['-o', 'remount,size=16m', disk]);
const healthWithRoom = await checkRoom(environment, 'The shelf');
await commit(environment, () => environment.put('after', 'x'));
await environment.close();
const health = [healthAtFirst, healthWhenFull, healthWithRoom];
const lost = kept.filter((key) => !held.includes(key));
process.stdout.write(
  JSON.stringify({ codes: [...codes], keptCount: kept.length, heldCount: held.length, lost, health }),
);
