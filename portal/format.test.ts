import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  formatAge,
  formatCount,
  formatInstant,
  formatQuantity,
  formatSize,
  safeHref,
  shortenDigest,
  shortenText,
} from './format.js';

describe('formatSize', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1_048_500, '1023.9 KiB'],
    [1_048_570, '1.0 MiB'],
    [67_108_864, '64.0 MiB'],
    [1_500_000_000_000, '1.4 TiB'],
    [Number.MAX_SAFE_INTEGER, '8.0 PiB'],
    [null, 'unknown'],
    [undefined, 'unknown'],
  ])('%p bytes are %p', (sizeBytes, text) => expect(formatSize(sizeBytes)).toBe(text));

  it('is never off by more than half of its last digit, and never over four digits before it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (sizeBytes) => {
        const [number = '', unit = ''] = formatSize(sizeBytes).split(' ');
        const factor = 1024 ** ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'].indexOf(unit);
        expect(Math.abs(Number(number) - sizeBytes / factor)).toBeLessThanOrEqual(0.0501);
        expect(number).toMatch(/^(?:10[0-2]\d|\d{1,3})(?:\.\d)?$/);
      }),
    );
  });
});

describe('instants', () => {
  const now = Date.parse('2026-08-01T12:00:00.000Z');

  it('are printed in UTC', () => {
    expect(formatInstant('2026-08-01T14:00:05.250+02:00')).toBe('2026-08-01 12:00:05 UTC');
    expect(formatInstant('long ago')).toBe('long ago');
  });

  it.each([
    ['2026-08-01T12:00:30.000Z', 'just now'],
    ['2026-08-01T11:59:55.000Z', 'just now'],
    ['2026-08-01T11:59:15.000Z', '45 seconds ago'],
    ['2026-08-01T11:59:00.000Z', '1 minute ago'],
    ['2026-08-01T09:30:00.000Z', '2 hours ago'],
    ['2026-07-30T12:00:00.000Z', '2 days ago'],
    ['2024-07-01T12:00:00.000Z', '2 years ago'],
    ['never', 'never'],
  ])('%p is %p', (instant, text) => expect(formatAge(instant, now)).toBe(text));
});

describe('counts', () => {
  it('say what is unknown', () => {
    expect([formatCount(1_234_567), formatCount(null)]).toEqual(['1,234,567', 'unknown']);
    expect([1, 0, 2500, null].map((count) => formatQuantity(count, 'file'))).toEqual([
      '1 file',
      '0 files',
      '2,500 files',
      'files: unknown',
    ]);
  });
});

describe('shortening', () => {
  it('cuts texts at a space and keeps their beginning', () => {
    expect(shortenText('one two three four', 9)).toBe('one two…');
    expect(shortenText('short', 12)).toBe('short');
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 40 }), (text, length) => {
        const short = shortenText(text, length);
        expect(short.length).toBeLessThanOrEqual(Math.max(length + 1, 1));
        expect(text.startsWith(short.replace(/…$/, '')) || text === short).toBe(true);
      }),
    );
  });

  it('keeps short digests whole', () => {
    expect(shortenDigest('abc-1')).toBe('abc-1');
    expect(shortenDigest('0123456789abcdef0123456789abcdef')).toBe('0123456789ab…');
  });
});

describe('safeHref', () => {
  it('links to the web only', () => {
    const base = 'http://portal/';
    expect(safeHref('https://zenodo.org/1', base)).toBe('https://zenodo.org/1');
    expect(safeHref('/files/x', base)).toBe('http://portal/files/x');
    for (const url of ['javascript:alert(1)', 'data:text/html,x', ' JavaScript:x', 'http://', '', null]) {
      expect(safeHref(url, base)).toBeUndefined();
    }
  });
});
