import { type Key, open, type RootDatabase, type RootDatabaseOptionsWithPath } from 'lmdb';
import { SciclomaticError } from './errors.js';

/** `errno` of a full disk and of an exhausted quota: LMDB gives the number where Node gives the name. */
const FULL_DISK_NUMBERS: readonly unknown[] = [28, 122];

/** Opens an LMDB environment whose commits may fail without ending the process: use `commit` for every change. */
export function openEnvironment<Value = unknown, KeyType extends Key = Key>(
  options: RootDatabaseOptionsWithPath,
): RootDatabase<Value, KeyType> {
  // Batches of an event turn begin with a write of their own, whose promise nobody sees: when a full disk rejects it, the
  // process ends on an unhandled rejection. With overlapping syncs, who waits for the disk waits for ever when it is full.
  return open<Value, KeyType>({ ...options, eventTurnBatching: false, overlappingSync: false });
}

/**
 * Runs changes as one and gives what they return; on disk when it resolves, and nothing of them is kept when it throws.
 * @throws STORAGE_FULL
 */
export async function commit<Value, KeyType extends Key, Result>(
  environment: RootDatabase<Value, KeyType>,
  changes: () => Result,
): Promise<Result> {
  try {
    return await environment.transaction(changes);
  } catch (error) {
    throw await translate(error);
  }
}

/** What LMDB says of a failed commit stands in another promise. */
async function translate(thrown: unknown): Promise<unknown> {
  const cause = await (thrown as { readonly commitError?: Promise<unknown> }).commitError?.catch(
    (error: unknown) => error,
  );
  const error = cause ?? thrown;
  return FULL_DISK_NUMBERS.includes((error as { readonly code?: unknown }).code)
    ? new SciclomaticError('STORAGE_FULL', 'The disk is full; nothing of the change was kept', { cause: error })
    : error;
}
