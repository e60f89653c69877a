import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Recordings of real repositories, where they are present: `SC_REAL_DATA`, else `../shared/data` beside the checkout. */
export function realDataDir(name: string): string | undefined {
  const root = process.env.SC_REAL_DATA ?? join(import.meta.dirname, '..', '..', 'shared', 'data');
  const dir = join(root, name);
  return existsSync(dir) ? dir : undefined;
}
