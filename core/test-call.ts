import { type Call, createCall } from './call.js';
import { silentLogger } from './log.js';

/** A call for tests and conformance kits: silent, with a limit so that a hanging adapter fails instead of hanging the run. */
export function createTestCall(timeoutMs = 20_000): Call {
  return createCall({ log: silentLogger, timeoutMs });
}
