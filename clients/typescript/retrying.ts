import { ClientError } from './client-error.js';

/** First pause before a retry; doubles with each attempt. */
const BASE_DELAY_MS = 200;

/** Longest pause: a caller who waits longer should decide anew. A server that asks for more ends the retries. */
const MAX_DELAY_MS = 10_000;

/** The same request may succeed a little later. The column "retry may help" of docs/errors.md, where it holds for a request. */
const RETRYABLE_CODES: ReadonlySet<string> = new Set(['SOURCE_UNAVAILABLE', 'NOT_READY', 'RATE_LIMITED']);

/** Of these only such in which the server says that it began nothing. */
const NOT_BEGUN_CODES: ReadonlySet<string> = new Set(['NOT_READY', 'RATE_LIMITED']);

export interface RetryPolicy {
  /** Attempts after the first. */
  readonly retries: number;
  readonly random: () => number;
  readonly wait: (durationMs: number, signal: AbortSignal) => Promise<void>;
}

/**
 * The result of the first attempt that succeeds. Pauses double, each drawn between half and the whole of its length.
 *
 * @param repeatable REPEATABLE: an attempt whose fate is unknown may be made again. ONCE: only one that was not begun.
 * @throws ClientError of the last attempt.
 */
export async function retrying<Result>(
  policy: RetryPolicy,
  repeatable: 'REPEATABLE' | 'ONCE',
  signal: AbortSignal,
  attempt: () => Promise<Result>,
): Promise<Result> {
  const codes = repeatable === 'REPEATABLE' ? RETRYABLE_CODES : NOT_BEGUN_CODES;
  for (let made = 0; ; made += 1) {
    try {
      return await attempt();
    } catch (thrown) {
      if (!(thrown instanceof ClientError) || !codes.has(thrown.code) || made >= policy.retries) throw thrown;
      const askedMs = thrown.retryAfterMs ?? 0;
      if (askedMs > MAX_DELAY_MS) throw thrown;
      const ownMs = Math.min(BASE_DELAY_MS * 2 ** made, MAX_DELAY_MS) * (0.5 + policy.random() / 2);
      await policy.wait(Math.max(askedMs, Math.round(ownMs)), signal);
    }
  }
}
