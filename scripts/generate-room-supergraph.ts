import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { composeSupergraph } from '../subgraphs/registry/compose.js';

const SUBGRAPHS = ['provenance', 'registry', 'replication', 'search', 'storage'];

/** Writes gateway/supergraph.graphql. Its routing URLs resolve nowhere (RFC 6761): each process that serves names real ones. */
export async function generate(root: string): Promise<void> {
  const subgraphs = await Promise.all(
    SUBGRAPHS.map(async (name) => ({
      name,
      url: `http://${name}.subgraph.invalid/graphql`,
      sdl: await readFile(join(root, 'subgraphs', name, 'schema.graphql'), 'utf8'),
    })),
  );
  await writeFile(join(root, 'gateway', 'supergraph.graphql'), composeSupergraph(subgraphs));
}
