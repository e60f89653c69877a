import { describe, expect, it } from '@jest/globals';
import { readNpy } from '../read-back.js';
import { createCsvFile } from './csv.js';
import { createJsonFile } from './json.js';
import { createNpyFile } from './npy.js';

const textOf = (file: { readonly bytes: Uint8Array }): string => new TextDecoder().decode(file.bytes);

describe('csv', () => {
  it('writes a header, one line a row, and quotes where a reader needs it', () => {
    const rows = [
      [1.5, 'plain'],
      [-1e-7, 'a, "b"'],
    ];
    const file = createCsvFile({ path: 'x.csv', description: '', columns: ['number', 'text'], rows });
    expect(textOf(file)).toBe('number,text\n1.5,plain\n-1e-7,"a, ""b"""\n');
  });
});

describe('json', () => {
  it('ends with a line feed', () => {
    const file = createJsonFile({ path: 'x.json', description: '', value: { a: 1 } });
    expect(textOf(file)).toBe('{\n  "a": 1\n}\n');
  });
});

describe('npy', () => {
  it('writes the header of format 1.0, padded to 64 bytes', () => {
    const file = createNpyFile({ path: 'x.npy', description: '', type: '<f8', shape: [3], values: [1, 2, 3] });
    const header = Buffer.from(file.bytes.subarray(0, file.bytes.length - 3 * 8));
    expect(header.length % 64).toBe(0);
    expect(header.subarray(0, 8).toString('latin1')).toBe('\x93NUMPY\x01\x00');
    expect(header.readUInt16LE(8)).toBe(header.length - 10);
    expect(header.subarray(10).toString()).toMatch(
      /^\{'descr': '<f8', 'fortran_order': False, 'shape': \(3,\), \} *\n$/,
    );
  });

  it.each([
    { type: '<f8', shape: [2, 3], values: [0.1, -2, Number.MAX_VALUE, 5e-324, 0, 1] },
    { type: '<i4', shape: [4], values: [0, -1, 2 ** 31 - 1, -(2 ** 31)] },
    { type: '|u1', shape: [1, 1, 3], values: [0, 127, 255] },
  ] as const)('reads back what it wrote as $type', ({ type, shape, values }) => {
    const { bytes } = createNpyFile({ path: 'x.npy', description: '', type, shape, values });
    expect(readNpy(bytes)).toEqual({ type, shape, values });
  });

  it.each(Array.from({ length: 30 }, (_, length) => length + 1))('keeps the alignment with %d axes', (axes) => {
    const shape = Array.from({ length: axes }, () => 1);
    const { bytes } = createNpyFile({ path: 'x.npy', description: '', type: '|u1', shape, values: [7] });
    expect((bytes.length - 1) % 64).toBe(0);
    expect(readNpy(bytes)).toEqual({ type: '|u1', shape, values: [7] });
  });

  it('refuses values that do not fill the shape', () => {
    const wrong = { path: 'x.npy', description: '', type: '<f8', shape: [2, 2], values: [1, 2, 3] } as const;
    expect(() => createNpyFile(wrong)).toThrow(RangeError);
  });
});
