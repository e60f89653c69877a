import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  concatBytes,
  decodeBase64,
  decodeHex,
  decodeUtf8,
  encodeBase64,
  encodeHex,
  encodeUtf8,
  equalBytes,
} from './bytes.js';

describe('bytes', () => {
  it('writes hex and base64 as Node does and reads them back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(encodeHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(decodeHex(encodeHex(bytes))).toEqual(bytes);
        expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
      }),
    );
  });

  it.each(['A', 'AA', 'AA=', 'AB==', 'AAB=', 'AA==AA==', '====', 'AA A', 'AA-_', 'AAAA\n', 'A===', 'éAA='])(
    'refuses %j as base64',
    (text) => {
      expect(() => decodeBase64(text)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
    },
  );

  it.each(['0', '0G', 'AB', '0 '])('refuses %j as hex', (text) => {
    expect(() => decodeHex(text)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });

  it('keeps every Unicode text, a leading byte order mark too, and refuses broken UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeUtf8(encodeUtf8(`\ufeff${text}`))).toBe(`\ufeff${text}`);
      }),
    );
    expect(() => decodeUtf8(Uint8Array.of(0xc0, 0x80))).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });

  it('joins and compares', () => {
    expect(concatBytes(Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(1, 2, 3));
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false);
  });
});
