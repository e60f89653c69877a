import { SciclomaticError } from '../core/errors.js';

/**
 * Conformance suites are data, so that jest runs them for the built-ins and `sc adapter check` for anyone's server.
 * The adapter's own `supports` manifest decides which cases are skipped.
 */
export interface ConformanceCase<Subject extends { readonly supports: object }> {
  /** A sentence that is true when the case passes. */
  readonly name: string;
  /** The capability without which the case is skipped. */
  readonly needs?: keyof Subject['supports'];
  /** Throws an error with a readable expected and actual when the case fails. */
  run(subject: Subject): Promise<void>;
}

export interface ConformanceOutcome {
  readonly name: string;
  readonly state: 'PASSED' | 'FAILED' | 'SKIPPED';
  readonly reason?: string;
  readonly durationMs: number;
}

/** Runs every case in turn against a fresh subject each; never throws for a failing case. */
export async function runConformance<Subject extends { readonly supports: object; close(): Promise<void> }>(
  cases: readonly ConformanceCase<Subject>[],
  create: () => Promise<Subject>,
): Promise<ConformanceOutcome[]> {
  const outcomes: ConformanceOutcome[] = [];
  for (const one of cases) {
    const startedAt = performance.now();
    const finish = (state: ConformanceOutcome['state'], reason?: string) =>
      outcomes.push({
        name: one.name,
        state,
        durationMs: performance.now() - startedAt,
        ...(reason === undefined ? {} : { reason }),
      });
    let subject: Subject | undefined;
    try {
      subject = await create();
      if (one.needs !== undefined && !subject.supports[one.needs as keyof object]) {
        finish('SKIPPED', `does not support ${String(one.needs)}`);
      } else {
        await one.run(subject);
        finish('PASSED');
      }
    } catch (error) {
      finish('FAILED', describeFailure(error));
    } finally {
      await subject?.close();
    }
  }
  return outcomes;
}

/** What a case expected says itself what it is; of any other failure its code or kind comes first. */
function describeFailure(error: unknown): string {
  if (error instanceof SciclomaticError) return `${error.code}: ${error.message}`;
  if (!(error instanceof Error)) return String(error);
  return error.name === 'Error' ? error.message : `${error.name}: ${error.message}`;
}
