import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Call, createCall } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import type { ManifestHash } from '../../../core/ids.js';
import { silentLogger } from '../../../core/log.js';
import type { PullDatasetResponse } from '../../../proto/gen/sciclomatic/storage/v1/manifest.js';
import type { PullRequest } from './pull-dataset.js';
import { createSharedPulls } from './shared-pulls.js';

const report = (heldChunkCount: bigint, complete = false): PullDatasetResponse => ({
  heldChunkCount,
  totalChunkCount: 9n,
  receivedBytes: 0n,
  complete,
});
const requestOf = (seed: string, fromAddress = 'first:1'): PullRequest => ({
  hash: seed.repeat(64) as ManifestHash,
  fromAddress,
});

/** What was begun: each gives its progress and ends when the test says so. */
interface BegunPull {
  readonly request: PullRequest;
  readonly call: Call;
  readonly give: (step: PullDatasetResponse | Error | 'END') => void;
  over: boolean;
}

describe('pulls of one manifest', () => {
  let begun: BegunPull[];
  let pull: ReturnType<typeof createSharedPulls>;
  beforeEach(() => {
    begun = [];
    pull = createSharedPulls(async function* (request, call) {
      const steps: (PullDatasetResponse | Error | 'END')[] = [];
      let wake: () => void = () => undefined;
      const give = (step: (typeof steps)[number]) => {
        steps.push(step);
        wake();
      };
      call.signal.addEventListener('abort', () => give(call.signal.reason as Error));
      const own: BegunPull = { request, call, give, over: false };
      begun.push(own);
      try {
        for (;;) {
          const step = steps.shift();
          if (step === 'END') return;
          if (step instanceof Error) throw step;
          if (step) yield step;
          else
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        }
      } finally {
        own.over = true;
      }
    });
  });

  /** One caller: what it was told, and how to leave. */
  const ask = (request: PullRequest) => {
    const leaving = new AbortController();
    const stream = pull(request, createCall({ log: silentLogger, signal: leaving.signal }))[Symbol.asyncIterator]();
    const next = async (): Promise<bigint | 'END'> => {
      const result: IteratorResult<PullDatasetResponse, unknown> = await stream.next();
      return result.done ? 'END' : result.value.heldChunkCount;
    };
    return { next, leave: () => leaving.abort(new SciclomaticError('CANCELLED', 'left')) };
  };
  const first = (): BegunPull => {
    if (begun[0] === undefined) throw new Error('Nothing was begun');
    return begun[0];
  };
  /** Two callers who have both been told of the first step. */
  const askTwice = async () => {
    const [one, two] = [ask(requestOf('a')), ask(requestOf('a', 'second:2'))];
    const told = Promise.all([one.next(), two.next()]);
    await new Promise(setImmediate);
    first().give(report(1n));
    expect(await told).toEqual([1n, 1n]);
    return [one, two] as const;
  };

  it('are one, whose progress and end all are told, from the source that the first one named', async () => {
    const [one, two] = await askTwice();
    first().give(report(2n));
    expect(await Promise.all([one.next(), two.next()])).toEqual([2n, 2n]);
    const late = ask(requestOf('a'));
    expect(await late.next()).toBe(2n);
    first().give(report(9n, true));
    first().give('END');
    expect(await Promise.all([one, two, late].map(({ next }) => next()))).toEqual([9n, 9n, 9n]);
    expect(await Promise.all([one, two, late].map(({ next }) => next()))).toEqual(['END', 'END', 'END']);
    expect(begun.map(({ request }) => request.fromAddress)).toEqual(['first:1']);
  });

  it('fail together, and the next one begins anew', async () => {
    const [one, two] = await askTwice();
    first().give(new SciclomaticError('STORAGE_FULL', 'full'));
    for (const { next } of [one, two]) await expect(next()).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    const again = ask(requestOf('a'));
    const told = again.next();
    await new Promise(setImmediate);
    begun[1]?.give('END');
    expect(await told).toBe('END');
  });

  it.each([0, 1])('go on for the other when caller %d leaves', async (leaver) => {
    const callers = await askTwice();
    const leaving = callers[leaver]?.next();
    callers[leaver]?.leave();
    await expect(leaving).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(first().call.signal.aborted).toBe(false);
    first().give(report(3n));
    expect(await callers[1 - leaver]?.next()).toBe(3n);
  });

  it('are broken off when the last caller leaves, which waits for that; who comes meanwhile begins another', async () => {
    const [one, two] = await askTwice();
    for (const { next, leave } of [one, two]) {
      expect(first().over).toBe(false);
      const waiting = next();
      leave();
      await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    }
    expect(first().over).toBe(true);
    const later = ask(requestOf('a'));
    const told = later.next();
    await new Promise(setImmediate);
    begun[1]?.give(report(4n));
    expect(await told).toBe(4n);
  });

  it('of another manifest are apart', async () => {
    const callers = [ask(requestOf('a')), ask(requestOf('b'))];
    const told = callers.map(({ next }) => next());
    await new Promise(setImmediate);
    for (const [place, one] of begun.entries()) one.give(report(BigInt(place)));
    expect(await Promise.all(told)).toEqual([0n, 1n]);
  });
});
