import { describe, expect, it } from '@jest/globals';
import { guessMediaType } from './media-type.js';

describe('the media type of a path', () => {
  it.each([
    ['data/run 1.csv', 'text/csv'],
    ['a.b/c.JSON', 'application/json'],
    ['table.csv.gz', 'application/gzip'],
    ['cube.nc', 'application/x-netcdf'],
    ['image.FITS', 'application/fits'],
    ['page.html', 'text/html'],
    ['field.npy', 'application/x-npy'],
    ['raw.dat', undefined],
    ['README', undefined],
    ['.csv', undefined],
    ['a.csv/b', undefined],
    ['trailing.', undefined],
    ['x.constructor', undefined],
    ['x.__proto__', undefined],
  ])('%s is %s', (path, expected) => {
    expect(guessMediaType(path)).toBe(expected);
  });
});
