import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeSupergraph } from '../subgraphs/registry/compose.js';

export const SUBGRAPH_NAMES = ['search', 'storage', 'replication', 'provenance', 'registry'] as const;

/**
 * Supergraph SDL of our five subgraphs. Its routing URLs resolve nowhere (RFC 6761): each process that serves names real ones.
 * @throws CONFIG_INVALID when they do not compose
 */
export function composeSubgraphs(root: string): string {
  return composeSupergraph(
    SUBGRAPH_NAMES.map((name) => ({
      name,
      url: `http://${name}.subgraph.invalid/graphql`,
      sdl: readFileSync(join(root, 'subgraphs', name, 'schema.graphql'), 'utf8'),
    })),
  );
}
