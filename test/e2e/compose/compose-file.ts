import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '..', '..', '..');

const serviceSchema = z.object({
  build: z.string().optional(),
  image: z.string().optional(),
  command: z.array(z.string()),
  environment: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)),
  volumes: z.array(z.string().regex(/^[a-z-]+:\/[a-z]+$/)).min(1),
  ports: z.array(z.string()).default([]),
  depends_on: z.array(z.string()).default([]),
  user: z.string().optional(),
  healthcheck: z.object({ test: z.array(z.string()).min(2) }),
});
const composeSchema = z.object({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.null()),
});

export type ComposeService = z.infer<typeof serviceSchema>;
export type Compose = z.infer<typeof composeSchema>;

/** docker-compose.yml, its merge keys resolved. */
export function readCompose(): Compose {
  return composeSchema.parse(parseYaml(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }));
}

export interface Image {
  /** Variables of the ENV lines of the last stage. */
  readonly environment: Readonly<Record<string, string>>;
  /** The last USER. */
  readonly user: string | undefined;
  readonly entrypoint: readonly string[];
}

/** What the Dockerfile says of the image that every service runs. */
export function readImage(): Image {
  const lines = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').split('\n');
  const stage = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
  const rest = (word: string) =>
    stage.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1).trim());
  const variables = rest('ENV').flatMap((line) => line.split(/\s+/).map((pair) => pair.split('=')));
  return {
    environment: Object.fromEntries(variables.map(([name = '', ...value]) => [name, value.join('=')])),
    user: rest('USER').at(-1),
    entrypoint: z.array(z.string()).parse(JSON.parse(rest('ENTRYPOINT').at(-1) ?? '[]')),
  };
}
