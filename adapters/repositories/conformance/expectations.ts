import { isDeepStrictEqual } from 'node:util';
import { type ErrorCode, SciclomaticError } from '../../../core/errors.js';

/** Fails the case with the message when the condition is false. */
export function expectThat(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Fails the case unless both are equal as JSON: order of keys and absent against undefined make no difference. */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  expectThat(
    isSame(actual, expected),
    `${what}: expected ${preview(expected)}, got ${preview(actual)}${firstDifference(actual, expected)}`,
  );
}

export function isSame(left: unknown, right: unknown): boolean {
  return isDeepStrictEqual(plain(left), plain(right));
}

/** Fails the case unless the attempt is refused with one of the codes. */
export async function expectCode(
  attempt: () => Promise<unknown>,
  codes: readonly ErrorCode[],
  what: string,
): Promise<void> {
  const wanted = codes.join(' or ');
  try {
    await attempt();
  } catch (error) {
    if (error instanceof SciclomaticError && codes.includes(error.code)) return;
    throw new Error(`${what}: expected ${wanted}, got ${describeError(error)}`, { cause: error });
  }
  throw new Error(`${what}: expected ${wanted}, got an answer`);
}

function describeError(error: unknown): string {
  if (error instanceof SciclomaticError) return `${error.code} (${error.message})`;
  return error instanceof Error ? `${error.name} without a code (${error.message})` : String(error);
}

function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function preview(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** Names the first field in which two objects differ, because long records hide it. */
function firstDifference(actual: unknown, expected: unknown): string {
  if (!isRecord(actual) || !isRecord(expected)) return '';
  const fields = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  const field = [...fields].find((name) => !isSame(actual[name], expected[name]));
  return field === undefined
    ? ''
    : `; they differ in ${field}: ${preview(expected[field])} against ${preview(actual[field])}`;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
