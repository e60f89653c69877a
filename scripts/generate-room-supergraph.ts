import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeSubgraphs } from './compose-subgraphs.js';

/** Writes gateway/supergraph.graphql. */
export function generate(root: string): Promise<void> {
  writeFileSync(join(root, 'gateway', 'supergraph.graphql'), composeSubgraphs(root));
  return Promise.resolve();
}
