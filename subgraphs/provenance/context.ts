import type { RequestContext } from '../subgraph.js';
import type { Loaders } from './loaders.js';
import type { LogReader } from './log-reader.js';

export interface Context extends RequestContext {
  readonly log: LogReader;
  readonly loaders: Loaders;
}
