import { SciclomaticError } from '../core/errors.js';

/** What the system says of a path that a user named, in words; by the code of the failure. */
const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read or written by you',
  EPERM: 'may not be read or written by you',
  EISDIR: 'is a folder',
  ENOTDIR: 'lies below something that is no folder',
  EEXIST: 'is there already, and is no folder',
  EROFS: 'lies on a disk that cannot be written',
  ENAMETOOLONG: 'has too long a name',
  ELOOP: 'is a link that leads round in a circle',
  ETXTBSY: 'is in use',
};

/** A failure on this machine's disk: BAD_INPUT naming the path where the user can mend it, STORAGE_FULL when there is no room. */
export function createLocalError(thrown: unknown, path: string): SciclomaticError {
  const error = SciclomaticError.from(thrown);
  if (error.code === 'STORAGE_FULL')
    return new SciclomaticError('STORAGE_FULL', `${path}: no room on this machine’s disk`, { cause: thrown });
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : '';
  const problem = PROBLEMS[code];
  return problem === undefined ? error : new SciclomaticError('BAD_INPUT', `${path} ${problem}`, { cause: thrown });
}

/** The result of work on a local file. @throws what `createLocalError` makes of its failure */
export async function onDisk<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw createLocalError(error, path);
  }
}
