import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { renderExcerpt, renderFragment } from './highlight.js';

/** What the page will show: text as text, elements as [name, text]. */
const shown = (fragment: string) =>
  renderFragment(fragment).map((part) => (typeof part === 'string' ? part : [part.type, part.props.children]));

describe('renderExcerpt', () => {
  const excerpt = (fragment: string, whole: string) =>
    renderExcerpt(fragment, whole)
      .map((part) => (typeof part === 'string' ? part : `[${String(part.props.children)}]`))
      .join('');

  it('says where the text goes on', () => {
    expect(excerpt('one \u0002two\u0003', 'one two')).toBe('one [two]');
    expect(excerpt('one \u0002two\u0003', 'one two three')).toBe('one [two]…');
    expect(excerpt('\u0002two\u0003 three', 'one two three')).toBe('… [two] three');
    expect(excerpt('\u0002two\u0003', 'one two three')).toBe('… [two]…');
  });
});

describe('renderFragment', () => {
  it('marks each match', () => {
    expect(shown('the \u0002Lorenz\u0003 and \u0002Rössler\u0003 systems')).toEqual([
      'the ',
      ['mark', 'Lorenz'],
      ' and ',
      ['mark', 'Rössler'],
      ' systems',
    ]);
  });

  it('keeps markup as text, inside a match and outside', () => {
    expect(shown('<img src=x onerror=alert(1)> \u0002<b>\u0003&amp;')).toEqual([
      '<img src=x onerror=alert(1)> ',
      ['mark', '<b>'],
      '&amp;',
    ]);
  });

  it('survives marks that do not match', () => {
    expect(shown('a\u0003b\u0002c')).toEqual(['ab', ['mark', 'c']]);
    expect(shown('\u0002a\u0002b\u0003\u0003')).toEqual([
      ['mark', 'a'],
      ['mark', 'b'],
    ]);
    expect(shown('\u0002\u0003')).toEqual([]);
  });

  it('loses no text and makes nothing but marks', () => {
    const fragment = fc
      .array(fc.constantFrom('\u0002', '\u0003', '<', 'a', ' b', '&lt;'))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fragment, (text) => {
        const parts = shown(text);
        const letters = parts.map((part) => (typeof part === 'string' ? part : String(part[1]))).join('');
        expect(letters).toBe(text.replaceAll('\u0002', '').replaceAll('\u0003', ''));
        expect(parts.every((part) => typeof part === 'string' || part[0] === 'mark')).toBe(true);
      }),
    );
  });
});
