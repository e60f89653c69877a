import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

const packageSchema = z.object({ version: z.string() });

/** Version of the package, found from the sources and from the build alike. */
export function readVersion(): string {
  const places = ['../package.json', '../../package.json'].map((path) => new URL(path, import.meta.url));
  const found = places.find((place) => existsSync(place));
  if (!found) throw new TypeError('package.json is not where it should be');
  return packageSchema.parse(JSON.parse(readFileSync(found, 'utf8'))).version;
}
