import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { datasetHref, LIST_START, parseRoute } from './route.js';

const parse = (href: string) => parseRoute(new URL(href, 'http://portal/'));
const text = fc.string({ unit: 'grapheme', minLength: 1 });

describe('parseRoute', () => {
  it('finds the dataset again, whatever its id holds', () => {
    const position = fc.oneof(fc.constant(LIST_START), fc.record({ after: text, offset: fc.nat() }));
    // A browser drops "." and ".." as path segments even when they are encoded; an id always holds a colon.
    const id = text.map((local) => `zenodo:${local}`);
    fc.assert(
      fc.property(id, position, position, (datasetId, files, records) => {
        const lists = { files, records };
        expect(parse(datasetHref(datasetId, lists))).toEqual({ page: 'dataset', id: datasetId, lists });
      }),
    );
  });

  it('knows its pages, and says when it does not', () => {
    expect(parse('/?q=ice')).toMatchObject({ page: 'search', search: { text: 'ice' } });
    expect(parse('/adapters')).toEqual({ page: 'adapters' });
    expect(parse('/adapters/')).toEqual({ page: 'adapters' });
    for (const path of ['/nothing', '/dataset/', '/dataset/%E0%A4%A', '/dataset/a/b', '/adapters/x']) {
      expect(parse(path)).toMatchObject({ page: 'missing' });
    }
  });

  it('takes a wrong offset for none', () => {
    const route = parse('/dataset/aws%3Aa?files=c&files-offset=many&records=');
    expect(route).toMatchObject({ lists: { files: { after: 'c', offset: 0 }, records: LIST_START } });
  });
});
