import { writeSync } from 'node:fs';
import { readOrCreateSigningKey } from '../../../core/node-crypto.js';
import { createTestCall } from '../../../core/test-call.js';
import { encodeUtf8 } from '../../../formats/bytes.js';
import { createFilesLedger } from './files-ledger.js';

/** Run as a process of its own: appends without end, prints each index and entry once acknowledged, waits to be killed. */
const [dir, keyFile, prefix] = process.argv.slice(2);
if (dir === undefined || keyFile === undefined || prefix === undefined) throw new TypeError('FOLDER KEY-FILE PREFIX');
const ledger = await createFilesLedger({
  dir,
  origin: 'observatory.example/log',
  key: await readOrCreateSigningKey(keyFile),
});
let count = 0;
async function appendOnAndOn(): Promise<void> {
  for (;;) {
    const texts = Array.from({ length: 1 + (count % 7) }, () => `${prefix} ${count++}`);
    const indexes = await ledger.append(texts.map(encodeUtf8), createTestCall());
    // Synchronous, so that a line is out before the next append begins.
    writeSync(1, texts.map((text, at) => `${indexes[at]} ${text}\n`).join(''));
  }
}
await Promise.all(Array.from({ length: 6 }, appendOnAndOn));
