import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeFileDurably } from '../../core/durable-file.js';
import { SciclomaticError } from '../../core/errors.js';

const KEY_BYTES = 32;

/** The secret that links are signed with; made at the first call, readable by its owner only. @throws DATA_CORRUPT */
export async function readOrCreateLinkKey(file: string): Promise<Uint8Array> {
  const existing = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw SciclomaticError.from(error);
    return undefined;
  });
  if (existing?.length === KEY_BYTES) return existing;
  if (existing) throw new SciclomaticError('DATA_CORRUPT', `${file} does not hold a key of ${KEY_BYTES} bytes`);
  const created = randomBytes(KEY_BYTES);
  await writeFileDurably(file, created, 0o600);
  return created;
}
