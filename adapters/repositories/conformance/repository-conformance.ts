import type { ConformanceCase } from '../../conformance.js';
import type { RepositoryAdapter } from '../contract.js';
import { fileCases } from './file-cases.js';
import { listingCases } from './listing-cases.js';

/**
 * What every repository adapter must do, as cases that need no test runner. They read a bounded sample (SAMPLE_LIMITS),
 * change nothing, and know nothing of the content, so that they can be run against a repository of any size. The
 * repository must list at least one dataset and, when it supports bytes, one file of 8 bytes to 16 MiB.
 */
export const repositoryConformance: readonly ConformanceCase<RepositoryAdapter>[] = [...listingCases, ...fileCases];
