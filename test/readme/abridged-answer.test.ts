import { describe, expect, it } from '@jest/globals';
import { hideWhatVaries, hideWhatVariesInLine, listDifferences, matchesLines } from './abridged-answer.js';

describe('listDifferences', () => {
  it('accepts shortened texts and lists, and nothing else', () => {
    const real = { title: 'Lorenz attractor', files: [1, 2, 3], doi: null };
    expect(listDifferences({ title: 'Lorenz…', files: [1, '… 2 more'], doi: null }, real)).toEqual([]);
    expect(listDifferences({ title: 'Rössler…', files: [1, 2, 3], doi: null }, real)).toHaveLength(1);
    expect(listDifferences({ title: 'Lorenz attractor', files: [1, '… 1 more'], doi: null }, real)).toHaveLength(1);
    expect(listDifferences({ title: 'Lorenz attractor', files: [1, 2], doi: null }, real)).toHaveLength(1);
    expect(listDifferences({ title: 'Lorenz attractor', files: [1, 2, 3] }, real)).toHaveLength(1);
    expect(listDifferences({ ...real, license: 'CC0-1.0' }, real)).toHaveLength(1);
  });
});

describe('hideWhatVaries', () => {
  it('hides what differs between two starts', () => {
    const first = {
      facets: [{ field: 'YEAR', buckets: [{ value: '2026', count: 3 }] }],
      cursor: 'cWpna3V1Ty9tUGkzWyJz…',
      url: 'http://127.0.0.1:4000/files/a.csv?expires=1&signature=a-b…',
      nodes: [
        { activity: 'COPY', entryIndex: 7 },
        { activity: 'AUDIT', entryIndex: 9 },
      ],
    };
    const second = {
      facets: [{ field: 'YEAR', buckets: [{ value: '2031', count: 3 }] }],
      cursor: 'QWpna3V1Ty9tUGkzWyJzYW1wbGU6bG9',
      url: 'http://127.0.0.1:38211/files/a.csv?expires=22&signature=c_d',
      nodes: [
        { activity: 'AUDIT', entryIndex: 70 },
        { activity: 'COPY', entryIndex: 71 },
      ],
    };
    expect(hideWhatVaries(first)).toEqual(hideWhatVaries(second));
  });

  it('leaves what does not look as it should', () => {
    const odd = { lastSeenAt: 'yesterday', cursor: '', proof: 'none', entryIndex: null, publishedAt: null };
    expect(hideWhatVaries(odd)).toEqual(odd);
  });
});

describe('matchesLines', () => {
  it('accepts what is left out where … stands, and nowhere else', () => {
    const real = ['head', 'a (1)', 'b', 'tail'];
    expect(matchesLines(['head', 'a (1)', 'b', 'tail'], real)).toBe(true);
    expect(matchesLines(['head', '…', 'tail'], real)).toBe(true);
    expect(matchesLines(['…', 'a…', '…'], real)).toBe(true);
    expect(matchesLines(['head', 'tail'], real)).toBe(false);
    expect(matchesLines(['head', 'a', '…'], real)).toBe(false);
    expect(matchesLines(['head', 'a (1)', 'b', 'tail', '…'], real)).toBe(false);
  });

  it('does so with what varies hidden', () => {
    expect(hideWhatVariesInLine('log: x, 106 entries')).toBe(hideWhatVariesInLine('log: x, 7 entries'));
    expect(hideWhatVariesInLine('more: --after abc…')).toBe(hideWhatVariesInLine('more: --after abcdef_-9'));
    expect(hideWhatVariesInLine('26 datasets')).toBe('26 datasets');
  });
});
