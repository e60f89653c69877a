import type { AnswerError, ClientError } from '../clients/typescript/client.js';

/** Failures that pass by themselves: the same question may be answered a little later (docs/errors.md, "retry may help"). */
const PASSING_CODES: ReadonlySet<string> = new Set([
  'SOURCE_UNAVAILABLE',
  'NOT_READY',
  'RATE_LIMITED',
  'DEADLINE_EXCEEDED',
]);

/** How long a failed question rests before it is asked again. */
export const POLL_AFTER_FAILURE_MS = 10_000;

/**
 * When to ask again, in milliseconds; undefined: no need.
 *
 * @param failures what failed in the last answer, or why there was none.
 * @param unsettledMs what the page wants of the answer itself; undefined while it is settled or there is none.
 */
export function choosePollDelay(
  failures: readonly (AnswerError | ClientError)[],
  unsettledMs: number | undefined,
): number | undefined {
  const passing = failures.filter(({ code }) => PASSING_CODES.has(code));
  const askedMs = Math.max(0, ...passing.map(({ retryAfterMs }) => retryAfterMs ?? 0));
  if (passing.length === 0) return unsettledMs;
  return Math.max(askedMs, Math.min(unsettledMs ?? POLL_AFTER_FAILURE_MS, POLL_AFTER_FAILURE_MS));
}
