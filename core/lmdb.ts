import { statfs } from 'node:fs/promises';
import { type Key, open, type RootDatabase, type RootDatabaseOptionsWithPath } from 'lmdb';
import { SciclomaticError } from './errors.js';
import type { PartHealth } from './part.js';

/** `errno` of a full disk and of an exhausted quota: LMDB gives the number where Node gives the name. */
const FULL_DISK_NUMBERS: readonly unknown[] = [28, 122];
/** What LMDB says when the disk took a part of a write, as it does just before it is full; and when it is broken. */
const INPUT_OUTPUT_ERROR = 5;
/** A disk with less is full, in bytes: what took only a part of a write has none left, and others may have freed some. */
const FULL_BELOW_BYTES = 1024 * 1024;

const folders = new WeakMap<object, string>();
/** Environments that found the disk full when they last looked. */
const full = new WeakSet<object>();

/** Opens an LMDB environment whose commits may fail without ending the process: use `commit` for every change. */
export function openEnvironment<Value = unknown, KeyType extends Key = Key>(
  options: RootDatabaseOptionsWithPath,
): RootDatabase<Value, KeyType> {
  // Batches of an event turn begin with a write of their own, whose promise nobody sees: when a full disk rejects it, the
  // process ends on an unhandled rejection. With overlapping syncs, who waits for the disk waits for ever when it is full.
  const environment = open<Value, KeyType>({ ...options, eventTurnBatching: false, overlappingSync: false });
  if (options.path !== undefined) folders.set(environment, options.path);
  return environment;
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
  } catch (thrown) {
    const error = await translate(thrown, folders.get(environment));
    if (error instanceof SciclomaticError && error.code === 'STORAGE_FULL') full.add(environment);
    throw error;
  }
}

/**
 * DEGRADED from a commit that found the disk full until the disk has room. That a small commit succeeds meanwhile says
 * little: LMDB writes it over what it no longer needs.
 * @param what is kept there, for people, as the beginning of a sentence: `The outbox`
 */
export async function checkRoom(environment: object, what: string): Promise<PartHealth> {
  if (full.has(environment) && !(await isAlmostFull(folders.get(environment)))) full.delete(environment);
  return full.has(environment)
    ? { state: 'DEGRADED', reason: `${what} takes nothing new: its disk is full` }
    : { state: 'READY' };
}

/** What LMDB says of a failed commit stands in another promise. */
async function translate(thrown: unknown, dir: string | undefined): Promise<unknown> {
  const cause = await (thrown as { readonly commitError?: Promise<unknown> }).commitError?.catch(
    (error: unknown) => error,
  );
  const error = cause ?? thrown;
  const { code } = error as { readonly code?: unknown };
  const isFull = FULL_DISK_NUMBERS.includes(code) || (code === INPUT_OUTPUT_ERROR && (await isAlmostFull(dir)));
  return isFull
    ? new SciclomaticError('STORAGE_FULL', 'The disk is full; nothing of the change was kept', { cause: error })
    : error;
}

async function isAlmostFull(dir: string | undefined): Promise<boolean> {
  const figures = dir === undefined ? undefined : await statfs(dir).catch(() => undefined);
  return figures !== undefined && figures.bavail * figures.bsize < FULL_BELOW_BYTES;
}
