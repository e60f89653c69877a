import { describe, expect, it } from '@jest/globals';
import { instantSchema } from './instant.js';

describe('instantSchema', () => {
  it.each([
    '2026-01-31T12:00:00Z',
    '2024-02-29T23:59:59.999Z',
    '2026-01-31T12:00:00.123456789Z',
    '0001-01-01T00:00:00Z',
  ])('takes %s', (text) => expect(instantSchema.safeParse(text).success).toBe(true));

  it.each([
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-06-30T23:59:60Z',
    '2026-01-31T12:00:00',
    '2026-01-31T12:00:00+01:00',
    '2026-01-31T12:00:00.Z',
    '2026-01-31T12:00:00.1234567890Z',
    '2026-01-31',
    ' 2026-01-31T12:00:00Z',
    '2026-01-31T12:00:00Z\n',
    '',
  ])('refuses %j', (text) => expect(instantSchema.safeParse(text).success).toBe(false));
});
