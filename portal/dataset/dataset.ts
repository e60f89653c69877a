import type { ReadMetadataQuery } from '../../clients/typescript/gen/operations.js';

/** What the catalogue says of a dataset, as the parts of its page show it. */
export type Dataset = NonNullable<ReadMetadataQuery['dataset']>;
