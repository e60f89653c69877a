import type { Call } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import type { RepositoryId } from '../../../core/ids.js';
import type { Directory } from '../../directory.js';
import type { RepositoryAdapter } from '../contract.js';
import { createGrpcRepository } from './adapter.js';

/**
 * A client of the repository that registered under that id; the caller closes it.
 * @throws UNKNOWN_REPOSITORY when none ever did, SOURCE_UNAVAILABLE when its adapter is suspended or does not answer
 */
export async function openRegisteredRepository(
  directory: Directory,
  repository: RepositoryId,
  call: Call,
): Promise<RepositoryAdapter> {
  const entry = (await directory.listAdapters('REPOSITORY', call)).find(({ id }) => id === repository);
  if (!entry)
    throw new SciclomaticError('UNKNOWN_REPOSITORY', `No repository ${repository} is registered`, {
      source: repository,
    });
  if (entry.state === 'SUSPENDED') {
    throw new SciclomaticError('SOURCE_UNAVAILABLE', `The adapter of ${repository} is suspended: ${entry.reason}`, {
      source: repository,
    });
  }
  return createGrpcRepository({ address: entry.address, repository }, call);
}
