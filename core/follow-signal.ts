/** Aborts with another signal, or for reasons of its own. */
export interface FollowingController {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  /** Lets go of the other signal; MUST be called at the end, or the other one keeps this one for as long as it lives. */
  release(): void;
}

/** In place of AbortSignal.any, whose signals leave an entry with a long-lived parent that nothing takes away. */
export function followSignal(parent: AbortSignal): FollowingController {
  const controller = new AbortController();
  const end = () => controller.abort(parent.reason);
  if (parent.aborted) end();
  else parent.addEventListener('abort', end, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    release: () => parent.removeEventListener('abort', end),
  };
}
