import { writeSync } from 'node:fs';
import { createTestCall } from '../../../core/test-call.js';
import { createChunk } from '../conformance/chunk-store-conformance.js';
import { createFilesChunkStore } from './files-chunk-store.js';

/** Run as a process of its own: writes chunks without end, prints each id once it is acknowledged, waits to be killed. */
const dir = process.argv[2];
if (dir === undefined) throw new TypeError('Usage: write-until-killed.fixture.ts FOLDER');
const store = await createFilesChunkStore({ dir });
let seed = 0;
async function writeOnAndOn(): Promise<void> {
  for (;;) {
    const { id, bytes } = createChunk(seed++, 20_000);
    await store.write(id, bytes, createTestCall());
    // Synchronous, so that a line is out before the next write begins.
    writeSync(1, `${id}\n`);
  }
}
await Promise.all(Array.from({ length: 8 }, writeOnAndOn));
