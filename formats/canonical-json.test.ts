import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeUtf8 } from './bytes.js';
import { canonicalJson, encodeCanonicalJson, parseCanonicalJson } from './canonical-json.js';

const badInput = expect.objectContaining({ code: 'BAD_INPUT' });

describe('canonicalJson', () => {
  it('sorts members by UTF-16 code units (the keys of RFC 8785 section 3.2.3)', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
    const value = Object.fromEntries(names.map((name, index) => [name, index]));
    expect(Object.keys(JSON.parse(canonicalJson(value)) as object)).toEqual([
      '1',
      '\r',
      '\u0080',
      '\u00f6',
      '\u20ac',
      '\ud83d\ude00',
      '\ufb33',
    ]);
  });

  it('writes numbers and texts as RFC 8785 section 3.2.2 and appendix B show', () => {
    const numbers = [333333333.3333333, 4.5, 2e-3, 1e-27, -0, 5e-324, 1e21 / 1e6];
    expect(canonicalJson(numbers)).toBe('[333333333.3333333,4.5,0.002,1e-27,0,5e-324,1000000000000000]');
    expect(canonicalJson('\u20ac$\u000f\nA\'B"\\"/')).toBe('"€$\\u000f\\nA\'B\\"\\\\\\"/"');
    expect(canonicalJson({ b: [null, true], a: {} })).toBe('{"a":{},"b":[null,true]}');
  });

  it('leaves out undefined members', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  it.each([
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['an unsafe integer', 2 ** 53],
    ['undefined', undefined],
    ['undefined in a list', [undefined]],
    ['a bigint', 1n],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a function', () => 0],
    ['a lone surrogate', '\ud800'],
    ['a lone surrogate as a name', { '\udc00': 1 }],
  ])('refuses %s', (_name, value) => {
    expect(() => canonicalJson(value)).toThrow(badInput);
  });

  it('refuses nesting that would exhaust the stack', () => {
    const deep = `${'['.repeat(1000)}${']'.repeat(1000)}`;
    expect(() => parseCanonicalJson(encodeUtf8(deep))).toThrow(badInput);
  });

  it('gives the same text whatever the order of members, and reads it back', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        const shuffled: unknown = JSON.parse(JSON.stringify(value, (_name, inner: unknown) => reverse(inner)));
        let text: string;
        try {
          text = canonicalJson(plain);
        } catch (error) {
          expect(error).toEqual(badInput);
          return;
        }
        expect(canonicalJson(shuffled)).toBe(text);
        expect(parseCanonicalJson(encodeCanonicalJson(plain))).toEqual(plain);
      }),
    );
  });

  it.each(['{"b":1,"a":2}', '{"a":1,"a":1}', ' {}', '1.0', '1e2', '"\\u0041"', '{} ', '', '{', '\ufeff{}'])(
    'refuses %j, which is not canonical',
    (text) => {
      expect(() => parseCanonicalJson(encodeUtf8(text))).toThrow(badInput);
    },
  );
});

function reverse(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).reverse());
}
