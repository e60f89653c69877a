import { SciclomaticError } from '../core/errors.js';

/** Longest path, in bytes of UTF-8 (PATH_MAX of Linux). */
export const MAX_PATH_BYTES = 4096;
/** Longest part between two slashes, in bytes of UTF-8 (NAME_MAX of Linux, macOS and Windows file systems). */
export const MAX_PATH_PART_BYTES = 255;

const encoder = new TextEncoder();

/**
 * Checks that a file's path can be stored below any folder without leaving it: relative, `/` between parts, no empty part
 * (so no slash at either end, none doubled), no `.` or `..`, no backslash (a separator on Windows), no control character
 * or NUL, no drive letter in front, no lone surrogate, within the byte limits above.
 *
 * Accepted on purpose: names that only Windows reserves (`aux`, a trailing dot), since sources have files of such names
 * and a renamed file would not be theirs; and any Unicode normalisation form, since the source's bytes are the name. Who
 * writes to a file system that folds case or normalises MUST therefore refuse to overwrite.
 * @throws UNSAFE_PATH
 */
export function assertSafePath(path: string): void {
  const problem = findProblem(path);
  if (problem === undefined) return;
  const shown = JSON.stringify(path.length > 80 ? `${path.slice(0, 80)}…` : path);
  throw new SciclomaticError('UNSAFE_PATH', `Path ${shown} ${problem}`);
}

function findProblem(path: string): string | undefined {
  if (path === '') return 'is empty';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f]/.test(path)) return 'holds a control character';
  if (/\p{Surrogate}/u.test(path)) return 'holds a lone surrogate';
  if (path.includes('\\')) return 'holds a backslash';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is absolute';
  if (encoder.encode(path).length > MAX_PATH_BYTES) return `is over ${MAX_PATH_BYTES} bytes`;
  for (const part of path.split('/')) {
    if (part === '') return 'has an empty part';
    if (part === '.' || part === '..') return `has the part "${part}"`;
    if (encoder.encode(part).length > MAX_PATH_PART_BYTES) return `has a part over ${MAX_PATH_PART_BYTES} bytes`;
  }
  return undefined;
}
