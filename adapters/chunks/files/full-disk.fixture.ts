import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createTestCall } from '../../../core/test-call.js';
import { createChunk } from '../conformance/chunk-store-conformance.js';
import { createFilesChunkStore } from './files-chunk-store.js';

/** Writes more chunks to a store than its small disk takes; prints what it saw. */
const CHUNK_BYTES = 200_000;
const [disk = ''] = process.argv.slice(2);
const folder = join(disk, 'store');
const store = await createFilesChunkStore({ dir: folder });
const chunks = Array.from({ length: 120 }, (_, seed) => createChunk(seed, CHUNK_BYTES));
const outcomes = await Promise.allSettled(chunks.map(({ id, bytes }) => store.write(id, bytes, createTestCall())));
const codes = outcomes.flatMap((one) => (one.status === 'rejected' ? [(one.reason as { code: string }).code] : []));
const acknowledged = chunks.filter((_, position) => outcomes[position]?.status === 'fulfilled');
const { storedBytes, freeBytes } = await store.readUsage();
let readCount = 0;
for (const { id, bytes } of acknowledged) {
  if (Buffer.compare(await store.read(id, createTestCall()), bytes) === 0) readCount += 1;
}
const halfWritten = await readdir(join(folder, 'incoming'));
await store.close();
process.stdout.write(
  JSON.stringify({
    codes: [...new Set(codes)],
    acknowledgedCount: acknowledged.length,
    readCount,
    storedCount: storedBytes / CHUNK_BYTES,
    freeBytes,
    halfWritten,
  }),
);
