import type { RepositoryAdapter } from '../../adapters/repositories/contract.js';
import type { SearchIndex } from '../../adapters/search/contract.js';
import type { Call } from '../../core/call.js';
import type { RepositoryId } from '../../core/ids.js';
import type { RequestContext } from '../subgraph.js';
import type { Catalogue } from './catalogue.js';
import type { HarvestJobs } from './harvest-jobs.js';
import type { Harvester } from './harvester.js';
import type { Loaders } from './loaders.js';

/** What the resolvers work with. */
export interface SearchServices {
  readonly index: SearchIndex;
  readonly catalogue: Catalogue;
  readonly jobs: HarvestJobs;
  readonly harvester: Harvester;
  readonly openRepository: (id: RepositoryId, call: Call) => Promise<RepositoryAdapter>;
}

export interface Context extends RequestContext, SearchServices {
  readonly loaders: Loaders;
}
