import { posix, win32 } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assertSafePath } from './safe-path.js';

const unsafe = expect.objectContaining({ code: 'UNSAFE_PATH' });

describe('assertSafePath', () => {
  it.each(['a', 'a/b.csv', '.hidden', '..a', 'a..', '...', 'aux', 'trailing.', 'données/é', 'a b', 'x'.repeat(255)])(
    'accepts %j',
    (path) => {
      expect(() => assertSafePath(path)).not.toThrow();
    },
  );

  it.each([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    './a',
    'a/.',
    'a/..',
    '../a',
    'a/../b',
    'a\u0000b',
    'a\nb',
    'a\u007f',
    'a\u0085',
    'a\\b',
    'C:a',
    'c:/a',
    'a\ud800',
    'x'.repeat(256),
    'é'.repeat(128),
    'a/'.repeat(2100).slice(0, -1),
  ])('refuses %j', (path) => {
    expect(() => assertSafePath(path)).toThrow(unsafe);
  });

  it('never lets a path leave its folder, on POSIX or Windows', () => {
    const part = fc.oneof(fc.constantFrom('..', '.', '', 'a', '\\', 'C:', '\u0000'), fc.string());
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const path = parts.join('/');
        try {
          assertSafePath(path);
        } catch (error) {
          expect(error).toEqual(unsafe);
          return;
        }
        expect(posix.resolve('/base', path)).toBe(`/base/${path}`);
        expect(win32.resolve('C:\\base', path).startsWith('C:\\base\\')).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
