import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseByteRange } from './byte-range.js';

const file = { sizeBytes: 100, etag: '"abc"' };
const part = (offset: number, length: number) => ({ kind: 'PART', offset, length });

describe('a Range header', () => {
  it.each([
    ['bytes=0-0', part(0, 1)],
    ['bytes=10-19', part(10, 10)],
    ['bytes=90-', part(90, 10)],
    ['bytes=90-1000', part(90, 10)],
    ['bytes=-10', part(90, 10)],
    ['bytes=-1000', part(0, 100)],
    ['BYTES=5-6', part(5, 2)],
    ['bytes=100-', { kind: 'UNSATISFIABLE' }],
    ['bytes=-0', { kind: 'UNSATISFIABLE' }],
    ['bytes=9-5', { kind: 'WHOLE' }],
    ['bytes=0-1,5-6', { kind: 'WHOLE' }],
    ['lines=0-1', { kind: 'WHOLE' }],
    ['bytes=-', { kind: 'WHOLE' }],
    ['nonsense', { kind: 'WHOLE' }],
  ])('%s', (header, expected) => {
    expect(parseByteRange(header, null, file)).toEqual(expected);
  });

  it('counts only when If-Range is the file’s tag', () => {
    expect(parseByteRange('bytes=0-0', '"abc"', file)).toEqual(part(0, 1));
    expect(parseByteRange('bytes=0-0', '"other"', file)).toEqual({ kind: 'WHOLE' });
    expect(parseByteRange('bytes=0-0', 'W/"abc"', file)).toEqual({ kind: 'WHOLE' });
    expect(parseByteRange('bytes=0-0', 'Sat, 01 Jan 2000 00:00:00 GMT', file)).toEqual({ kind: 'WHOLE' });
  });

  it('of an empty file cannot be satisfied', () => {
    expect(parseByteRange('bytes=0-', null, { ...file, sizeBytes: 0 })).toEqual({ kind: 'UNSATISFIABLE' });
    expect(parseByteRange('bytes=-5', null, { ...file, sizeBytes: 0 })).toEqual({ kind: 'UNSATISFIABLE' });
  });

  it('never names bytes outside the file', () => {
    fc.assert(
      fc.property(fc.nat(), fc.option(fc.nat(), { nil: '' }), fc.nat(1000), (first, last, sizeBytes) => {
        const range = parseByteRange(`bytes=${first}-${last}`, null, { ...file, sizeBytes });
        if (range.kind !== 'PART') return;
        expect(range.length).toBeGreaterThan(0);
        expect(range.offset + range.length).toBeLessThanOrEqual(sizeBytes);
        expect(range.offset).toBe(first);
      }),
    );
  });
});
