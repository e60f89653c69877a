import { describe, expect, it } from '@jest/globals';
import { listQueryTerms, visitTerms } from './text-analysis.js';

function listIndexed(text: string): [string, string][] {
  const terms: [string, string][] = [];
  visitTerms(text, 'INDEX', (term, start, end) => terms.push([term, text.slice(start, end)]));
  return terms;
}

describe('visitTerms', () => {
  it('gives each term with the word that it stands for, alike for plain and for other text', () => {
    const plain = listIndexed('Sea-surface TEMPERATURES, v2');
    expect(plain).toEqual([
      ['sea', 'Sea'],
      ['surface', 'surface'],
      ['temperature', 'TEMPERATURES'],
      ['v2', 'v2'],
    ]);
    expect(listIndexed('Sea-surface TEMPERATURES, v2 é').slice(0, 4)).toEqual(plain);
  });

  it.each([
    ['galaxies', 'galaxy'],
    ['states', 'state'],
    ['glass', 'glass'],
    ['virus', 'virus'],
    ['gas', 'gas'],
    ['toes', 'toes'],
  ])('takes the plural from %s: %s', (word, term) => {
    expect(listQueryTerms(word)).toEqual([term]);
  });

  it('gives a record every character and pair of CJK, a query the pairs, or the character that stands alone', () => {
    expect(listIndexed('水質x').map(([term]) => term)).toEqual(['水', '水質', '質', 'x']);
    expect(listQueryTerms('地下水')).toEqual(['地下', '下水']);
    expect(listQueryTerms('水')).toEqual(['水']);
  });

  it('keeps a DOI and an ORCID whole and leaves the full stop of the sentence out', () => {
    expect(listIndexed('See https://doi.org/10.5281/Zenodo.7.')).toEqual([
      ['see', 'See'],
      ['10.5281/zenodo.7', 'https://doi.org/10.5281/Zenodo.7'],
    ]);
    expect(listQueryTerms('0000-0002-1825-009X')).toEqual(['0000-0002-1825-009x']);
    expect(listQueryTerms('version 3.10.5')).toEqual(['version', '3', '10', '5']);
  });

  it('cuts very long words and gives each term of a query once', () => {
    expect(listQueryTerms(`${'x'.repeat(500)} ice Ice`)).toEqual(['x'.repeat(128), 'ice']);
  });

  it('takes time in proportion to the text, whatever it is made of', () => {
    for (const piece of ['10.1234', '0000-', 'doi:', 'a\u0301', '水', '(', '10.12345/']) {
      const startedAt = performance.now();
      listIndexed(piece.repeat(40_000));
      expect(performance.now() - startedAt).toBeLessThan(5000);
    }
  });
});
