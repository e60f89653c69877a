import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { onDisk } from './local-error.js';

/** Writes a file that the user named, and the folders above it. @throws BAD_INPUT when it cannot be written, STORAGE_FULL */
export function writeText(path: string, text: string): Promise<void> {
  return onDisk(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  });
}
