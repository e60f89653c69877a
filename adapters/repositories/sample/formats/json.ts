import type { SampleFile } from '../sample-process.js';

export interface JsonOptions {
  readonly path: string;
  readonly description: string;
  readonly value: object;
}

/** JSON, indented for people. */
export function createJsonFile({ path, description, value }: JsonOptions): SampleFile {
  const bytes = new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
  return { path, mediaType: 'application/json', description, bytes };
}
