import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseStrictJson } from './strict-json.js';

describe('parseStrictJson', () => {
  it('reads whatever JSON writes', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (text) => {
        expect(parseStrictJson(text)).toEqual(JSON.parse(text));
        expect(parseStrictJson(new TextEncoder().encode(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    '{"a":1,"a":1}',
    '{"a":{"b":[{"c":1,"d":2,"c":3}]}}',
    '{"a":1,"\\u0061":2}',
    '{"":1,"":2}',
    '{"__proto__":1,"__proto__":2}',
    '[{"a":"\\\\","a":"\\""}]',
    '{"a":[],"b":{},"a":null}',
  ])('refuses the member that is there twice in %s', (text) => {
    expect(() => parseStrictJson(text)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });

  it.each([
    '{"a":"a","b":"a"}',
    '[{"a":1},{"a":1}]',
    '{"a":{"a":{"a":"a"}}}',
    '{"a,\\"b\\"":1,"b":["b","b"]}',
    '["a","a"]',
  ])('takes %s, where none is', (text) => expect(parseStrictJson(text)).toEqual(JSON.parse(text)));

  it('refuses what is no JSON, or no UTF-8', () => {
    for (const text of ['{"a"', '{"a":1}x', '', Uint8Array.of(0x22, 0xff, 0x22)]) {
      expect(() => parseStrictJson(text)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
    }
  });

  it('reads a long text at once', () => {
    const text = JSON.stringify({ payload: 'A'.repeat(20_000_000), quotes: '"\\'.repeat(100_000) });
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  });
});
