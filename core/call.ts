import { randomUUID } from 'node:crypto';
import { createLimit, releaseLimit } from './call-limit.js';
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

/** Starts a call. Timers do not keep the process alive. Who starts many SHOULD end each with `endCall`. */
export function createCall(options: CallOptions): Call {
  const { timeoutMs, signal } = options;
  const requestId = options.requestId && REQUEST_ID.test(options.requestId) ? options.requestId : randomUUID();
  return {
    signal: timeoutMs === undefined ? (signal ?? new AbortController().signal) : createLimit(signal, timeoutMs),
    deadlineAt: timeoutMs === undefined ? undefined : Date.now() + timeoutMs,
    requestId,
    log: options.log.child({ requestId }),
  };
}

/** The same call with a shorter limit. */
export function limitCall(call: Call, timeoutMs: number): Call {
  const deadlineAt = Math.min(call.deadlineAt ?? Number.POSITIVE_INFINITY, Date.now() + timeoutMs);
  return { ...call, deadlineAt, signal: createLimit(call.signal, deadlineAt - Date.now()) };
}

/**
 * Frees what the limit of an answered call holds, instead of when its time is over. Its signal never aborts from then
 * on. Without effect on a call that has no limit of its own.
 */
export function endCall(call: Call): void {
  releaseLimit(call.signal);
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
