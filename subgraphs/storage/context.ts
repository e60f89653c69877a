import type { RequestContext } from '../subgraph.js';
import type { StorageConfig } from './config.js';
import type { Holdings } from './holdings.js';
import type { Loaders } from './loaders.js';
import type { Mirrorer } from './mirrorer.js';
import type { LinkSigner } from './signed-link.js';
import type { Submitter } from './submitter.js';
import type { TransferJobs } from './transfer-jobs.js';
import type { Uploads } from './uploads.js';

/** What the resolvers work with. */
export interface StorageServices {
  readonly uploads: Uploads;
  readonly jobs: TransferJobs;
  readonly submitter: Submitter;
  readonly mirrorer: Mirrorer;
  readonly links: LinkSigner;
  readonly holdings: Holdings;
  readonly config: StorageConfig;
  readonly now: () => number;
}

export interface Context extends RequestContext, StorageServices {
  readonly loaders: Loaders;
}
