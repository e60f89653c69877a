import { randomUUID } from 'node:crypto';
import { SciclomaticError } from './errors.js';
import type { Logger } from './log.js';

/**
 * What travels with every request, in one process and between them: when it must end, who asks, under which id it is
 * logged. HTTP carries it as headers, gRPC as metadata of the same names.
 */
export interface Call {
  /** Ends the work: the caller left, or the deadline came. Long loops MUST check it. */
  readonly signal: AbortSignal;
  /** When the caller stops waiting, milliseconds since the epoch; undefined = no limit. */
  readonly deadlineAt: number | undefined;
  readonly requestId: string;
  readonly log: Logger;
}

export const REQUEST_ID_HEADER = 'x-request-id';
/** Remaining time in milliseconds, measured when the request is sent, so that clocks need not agree. */
export const TIMEOUT_HEADER = 'x-sc-timeout-ms';

/** Longest request id accepted from outside; others are replaced. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;

export interface CallOptions {
  readonly log: Logger;
  readonly requestId?: string | null | undefined;
  /** Time limit in milliseconds from now. */
  readonly timeoutMs?: number | undefined;
  /** The caller's own signal, e.g. of an HTTP request that may be cut. */
  readonly signal?: AbortSignal | undefined;
}

/** Starts a call. Timers do not keep the process alive. */
export function createCall(options: CallOptions): Call {
  const { timeoutMs, signal } = options;
  const requestId = options.requestId && REQUEST_ID.test(options.requestId) ? options.requestId : randomUUID();
  const signals = [signal, timeoutMs === undefined ? undefined : AbortSignal.timeout(Math.max(0, timeoutMs))].filter(
    (one) => one !== undefined,
  );
  return {
    signal: signals.length === 1 && signals[0] ? signals[0] : AbortSignal.any(signals),
    deadlineAt: timeoutMs === undefined ? undefined : Date.now() + timeoutMs,
    requestId,
    log: options.log.child({ requestId }),
  };
}

/** The same call with a shorter limit. */
export function limitCall(call: Call, timeoutMs: number): Call {
  const deadlineAt = Math.min(call.deadlineAt ?? Number.POSITIVE_INFINITY, Date.now() + timeoutMs);
  return {
    ...call,
    deadlineAt,
    signal: AbortSignal.any([call.signal, AbortSignal.timeout(Math.max(0, deadlineAt - Date.now()))]),
  };
}

/** Milliseconds left, never below 0; undefined when there is no limit. */
export function remainingMs(call: Pick<Call, 'deadlineAt'>): number | undefined {
  return call.deadlineAt === undefined ? undefined : Math.max(0, call.deadlineAt - Date.now());
}

/** @throws DEADLINE_EXCEEDED or CANCELLED when the call has ended. */
export function assertActive(call: Call): void {
  if (call.signal.aborted) throw SciclomaticError.from(call.signal.reason, 'CANCELLED');
}

/** Parses a timeout that came from outside; anything but a positive whole number of milliseconds is ignored. */
export function parseTimeoutMs(value: string | null | undefined, maximumMs: number): number {
  const parsed = Number(value);
  return value && Number.isInteger(parsed) && parsed > 0 ? Math.min(parsed, maximumMs) : maximumMs;
}
