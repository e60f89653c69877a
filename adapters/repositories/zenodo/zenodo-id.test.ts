import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createDatasetId, parseDatasetId, parseRepositoryId, splitDatasetId } from '../../../core/ids.js';
import { createLocalId, parseLocalId, parseOaiIdentifier } from './zenodo-id.js';
import { parseDate, parseDoi, parseInstant, parseLanguage, parseOrcid } from './zenodo-values.js';

describe('a local id of Zenodo', () => {
  it('leads back to its record number, through a dataset id and an OAI identifier alike', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999_999 }), (number) => {
        const id = createDatasetId(parseRepositoryId('zenodo'), createLocalId(number));
        const { localId } = splitDatasetId(parseDatasetId(id));
        expect(parseLocalId(localId)).toBe(String(number));
        expect(createLocalId(parseOaiIdentifier(`oai:zenodo.org:${number}`))).toBe(localId);
      }),
    );
  });

  it('is the DOI form', () => {
    expect(createLocalId(3463499)).toBe('10.5281/zenodo.3463499');
  });

  it.each([
    '',
    '10.5281/zenodo.',
    '10.5281/zenodo.0',
    '10.5281/zenodo.1x',
    '10.5061/dryad.1',
    '10.5281/zenodo.1/../2',
    '3463499',
  ])('is not %j', (localId) => {
    expect(parseLocalId(localId)).toBeUndefined();
  });

  it.each(['0', '-1', '1.5', 'abc', ''])('is not made of %j', (number) => {
    expect(() => createLocalId(number)).toThrow(expect.objectContaining({ code: 'SOURCE_INVALID_ANSWER' }));
    expect(() => createLocalId(parseOaiIdentifier(`oai:zenodo.org:${number}`))).toThrow(
      expect.objectContaining({ code: 'SOURCE_INVALID_ANSWER' }),
    );
  });
});

describe('values of Zenodo', () => {
  it.each([
    [parseDoi, 'https://doi.org/10.5281/zenodo.1', '10.5281/zenodo.1'],
    [parseDoi, 'doi:10.5061/dryad.a', '10.5061/dryad.a'],
    [parseDoi, 'https://example.org', undefined],
    [parseOrcid, 'https://orcid.org/0000-0002-1825-0097', '0000-0002-1825-0097'],
    [parseOrcid, '0000-0002-1694-233x', '0000-0002-1694-233X'],
    [parseOrcid, '0000-0002-1825-0098', undefined],
    [parseDate, '2019', '2019'],
    [parseDate, '2019-04-01/2020-01-01', '2019-04-01'],
    [parseDate, '2019-13-01', undefined],
    [parseDate, 'spring 2019', undefined],
    [parseInstant, '2022-09-17T16:58:30.320872+00:00', '2022-09-17T16:58:30.320Z'],
    [parseInstant, '2022', undefined],
    [parseLanguage, 'eng', 'en'],
    [parseLanguage, 'ang', 'ang'],
    [parseLanguage, 'English', undefined],
  ] as const)('%p of %s is %s', (parse, text, value) => {
    expect(parse(text)).toBe(value);
  });
});
