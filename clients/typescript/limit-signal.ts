export interface LimitedSignal {
  readonly signal: AbortSignal;
  /** Frees the timer and the listener; call it when the work is over. */
  release(): void;
}

/**
 * A signal that fires with the given one, or with a TimeoutError after `timeoutMs`. A timer and a listener instead of
 * AbortSignal.any over AbortSignal.timeout, which some runtimes lose at a garbage collection.
 */
export function limitSignal(signal: AbortSignal | undefined, timeoutMs: number): LimitedSignal {
  const limited = new AbortController();
  const cancel = () => limited.abort(signal?.reason);
  const timer = setTimeout(() => limited.abort(new DOMException(`Over ${timeoutMs} ms`, 'TimeoutError')), timeoutMs);
  if (signal?.aborted) cancel();
  else signal?.addEventListener('abort', cancel, { once: true });
  return {
    signal: limited.signal,
    release: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    },
  };
}
