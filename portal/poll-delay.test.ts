import { describe, expect, it } from '@jest/globals';
import { type AnswerError, ClientError } from '../clients/typescript/client.js';
import { choosePollDelay, POLL_AFTER_FAILURE_MS } from './poll-delay.js';

const failed = (code: string, retryAfterMs: number | null = null): AnswerError => ({
  code,
  message: 'made up',
  source: 'zenodo',
  path: ['dataset'],
  retryAfterMs,
});

describe('choosePollDelay', () => {
  it('rests when the answer is whole and settled', () => expect(choosePollDelay([], undefined)).toBeUndefined());

  it('follows an answer that is still changing', () => expect(choosePollDelay([], 4000)).toBe(4000));

  it('asks again what may be answered later, and not what was wrong', () => {
    expect(choosePollDelay([new ClientError('SOURCE_UNAVAILABLE', 'no connection')], undefined)).toBe(
      POLL_AFTER_FAILURE_MS,
    );
    expect(choosePollDelay([failed('NOT_FOUND'), failed('NOT_READY')], undefined)).toBe(POLL_AFTER_FAILURE_MS);
    for (const code of ['NOT_FOUND', 'BAD_CURSOR', 'CURSOR_EXPIRED', 'INTERNAL'])
      expect(choosePollDelay([failed(code)], undefined)).toBeUndefined();
  });

  it('takes the shorter of two reasons, but never less than the server asked for', () => {
    expect(choosePollDelay([failed('SOURCE_UNAVAILABLE')], 4000)).toBe(4000);
    expect(choosePollDelay([failed('SOURCE_UNAVAILABLE')], 60_000)).toBe(POLL_AFTER_FAILURE_MS);
    expect(choosePollDelay([failed('RATE_LIMITED', 30_000), failed('NOT_READY')], 4000)).toBe(30_000);
  });
});
