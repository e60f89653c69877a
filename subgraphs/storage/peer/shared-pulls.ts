import { assertActive, type Call, createCall } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import type { ManifestHash } from '../../../core/ids.js';
import type { PullDatasetResponse } from '../../../proto/gen/sciclomatic/storage/v1/manifest.js';
import type { PullRequest } from './pull-dataset.js';

type Pull = (request: PullRequest, call: Call) => AsyncIterable<PullDatasetResponse>;

/** A pull under way, and who waits for it. */
interface RunningPull {
  readonly stopping: AbortController;
  /** Resolves when it is over, whatever came of it. */
  readonly over: Promise<void>;
  callerCount: number;
  latest: PullDatasetResponse | undefined;
  /** Undefined while it runs. */
  outcome: { readonly error?: unknown } | undefined;
  /** Resolves with the next progress or the end. */
  changed: Promise<void>;
}

/**
 * Lets all who ask for the same manifest at the same time share one pull, from the source that the first one named: each
 * is told its progress and its end. It is broken off when the last of them has left.
 */
export function createSharedPulls(pull: Pull): Pull {
  const running = new Map<ManifestHash, RunningPull>();

  const begin = (request: PullRequest, call: Call): RunningPull => {
    const stopping = new AbortController();
    let tell: () => void = () => undefined;
    const renew = () =>
      new Promise<void>((resolve) => {
        tell = resolve;
      });
    const forget = () => {
      if (running.get(request.hash) === shared) running.delete(request.hash);
    };
    const run = async (): Promise<void> => {
      try {
        // Not the first caller's own call, which may end before the others'.
        const own = createCall({ log: call.log, requestId: call.requestId, signal: stopping.signal });
        for await (const progress of pull(request, own)) {
          shared.latest = progress;
          tell();
          shared.changed = renew();
        }
        shared.outcome = {};
      } catch (error) {
        shared.outcome = { error };
      }
      forget();
      tell();
    };
    const changed = renew();
    // Whoever comes while one is being broken off begins another.
    stopping.signal.addEventListener('abort', forget, { once: true });
    const shared: RunningPull = {
      stopping,
      over: Promise.resolve().then(run),
      callerCount: 0,
      latest: undefined,
      outcome: undefined,
      changed,
    };
    running.set(request.hash, shared);
    return shared;
  };

  return async function* (request, call) {
    const shared = running.get(request.hash) ?? begin(request, call);
    shared.callerCount += 1;
    try {
      yield* follow(shared, call);
    } finally {
      shared.callerCount -= 1;
      if (shared.callerCount === 0 && shared.outcome === undefined) {
        shared.stopping.abort(new SciclomaticError('CANCELLED', 'Nobody waits for the pull any more'));
        await shared.over;
      }
    }
  };
}

/** What is known so far, then each progress unless it is out of date already; ends or throws as the pull does. */
async function* follow(shared: RunningPull, call: Call): AsyncGenerator<PullDatasetResponse> {
  let leave: () => void = () => undefined;
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  call.signal.addEventListener('abort', leave, { once: true });
  try {
    let told: PullDatasetResponse | undefined;
    for (;;) {
      assertActive(call);
      const { latest, changed, outcome } = shared;
      if (latest !== undefined && latest !== told) {
        told = latest;
        yield latest;
      } else if (outcome === undefined) {
        await Promise.race([changed, left]);
      } else if ('error' in outcome) {
        throw SciclomaticError.from(outcome.error);
      } else return;
    }
  } finally {
    call.signal.removeEventListener('abort', leave);
  }
}
