import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Folder with the rivals' own lockfile. */
export const RIVALS_DIR = join(import.meta.dirname, '..', 'rivals');

/** Loads a package that only the load tests install; the caller says what it uses of it. */
export function requireRival(name: string): unknown {
  return createRequire(join(RIVALS_DIR, 'package.json'))(name);
}
