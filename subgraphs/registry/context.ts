import type { RequestContext } from '../subgraph.js';
import type { AdapterStore } from './adapter-store.js';

export interface Context extends RequestContext {
  /** In memory: a look-up costs nothing, so nothing is batched. */
  readonly adapters: AdapterStore;
}
