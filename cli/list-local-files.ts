import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { SciclomaticError } from '../core/errors.js';
import { assertSafePath } from '../formats/safe-path.js';
import { onDisk } from './local-error.js';

/** A file on this machine and the path that it gets in the dataset. */
export interface LocalFile {
  readonly source: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** What is named in a message at most. */
const MAX_NAMED = 5;

/**
 * The files that are given, and those below the folders that are given: files keep their names, files of a folder their
 * paths below it. A link to a file stands for the file. Nothing is left out in silence.
 * @throws BAD_INPUT for what is no file and no folder, links that lead to a folder or nowhere, a path that occurs twice,
 *   or no file at all; UNSAFE_PATH for names that cannot be stored everywhere
 */
export async function listLocalFiles(paths: readonly string[]): Promise<LocalFile[]> {
  const files: LocalFile[] = [];
  const refused: string[] = [];
  const add = async (source: string, path: string): Promise<void> => {
    const { size, mtimeMs } = await onDisk(source, () => stat(source));
    assertSafePath(path);
    files.push({ source, path, sizeBytes: size, modifiedMs: mtimeMs });
  };
  for (const source of paths) {
    const found = await onDisk(source, () => stat(source));
    if (found.isFile()) await add(source, basename(resolve(source)));
    else if (!found.isDirectory()) refused.push(`${source} is neither a file nor a folder`);
    else
      for (const entry of await onDisk(source, () => readdir(source, { recursive: true, withFileTypes: true }))) {
        const file = join(entry.parentPath, entry.name);
        const problem = entry.isDirectory() ? undefined : await findProblem(file, entry);
        if (problem !== undefined) refused.push(problem);
        else if (!entry.isDirectory()) await add(file, relative(source, file).replaceAll('\\', '/'));
      }
  }
  if (refused.length > 0) {
    const more = refused.length > MAX_NAMED ? `; and ${refused.length - MAX_NAMED} more` : '';
    throw new SciclomaticError(
      'BAD_INPUT',
      `Not everything can be submitted: ${refused.slice(0, MAX_NAMED).join('; ')}${more}`,
    );
  }
  assertDistinct(files);
  if (files.length === 0) throw new SciclomaticError('BAD_INPUT', 'There are no files in what was given');
  return files;
}

/** Why an entry of a folder cannot be a file of a dataset. */
async function findProblem(file: string, entry: Dirent): Promise<string | undefined> {
  // Node puts U+FFFD for bytes that are no UTF-8: the name cannot be written down.
  if (entry.name.includes('\uFFFD')) return `the name of ${file} is not UTF-8`;
  if (entry.isFile()) return undefined;
  if (!entry.isSymbolicLink()) return `${file} is neither a file nor a folder`;
  const target = await stat(file).catch(() => undefined);
  if (target === undefined) return `${file} is a link that leads nowhere`;
  return target.isFile() ? undefined : `${file} is a link to something that is no file`;
}

function assertDistinct(files: readonly LocalFile[]): void {
  const seen = new Map<string, string>();
  for (const { path, source } of files) {
    const other = seen.get(path);
    if (other !== undefined)
      throw new SciclomaticError('BAD_INPUT', `${other} and ${source} would both be ${path} in the dataset`);
    seen.set(path, source);
  }
}
