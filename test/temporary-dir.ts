import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryDir {
  readonly path: string;
  remove(): Promise<void>;
}

/** A fresh folder of the system's temporary folder. */
export async function createTemporaryDir(): Promise<TemporaryDir> {
  const path = await mkdtemp(join(tmpdir(), 'sciclomatic-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
