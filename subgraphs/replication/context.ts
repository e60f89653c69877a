import type { RequestContext } from '../subgraph.js';
import type { Loaders } from './loaders.js';
import type { Replication } from './replication.js';

export interface Context extends RequestContext {
  readonly replication: Replication;
  readonly loaders: Loaders;
}
