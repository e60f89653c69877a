import { setTimeout as delay } from 'node:timers/promises';

/** Waits until the check gives something other than undefined or false. @throws with the description after timeoutMs. Looks every intervalMs: longer where a look is dear. */
export async function waitFor<Value>(
  description: string,
  check: () => Promise<Value> | Value,
  timeoutMs = 15_000,
  intervalMs = 20,
): Promise<NonNullable<Exclude<Value, false>>> {
  const endsAt = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < endsAt) {
    try {
      const value = await check();
      if (value !== undefined && value !== null && value !== false) return value as NonNullable<Exclude<Value, false>>;
      last = value;
    } catch (error) {
      last = error;
    }
    await delay(intervalMs);
  }
  throw new Error(`Timed out after ${timeoutMs} ms waiting until ${description}; last: ${String(last)}`);
}
