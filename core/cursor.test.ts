import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assertPageSize, decodeCursor, encodeCursor, MAX_PAGE_SIZE, pageByKey } from './cursor.js';

const BAD_CURSOR = expect.objectContaining({ code: 'BAD_CURSOR' });
const texts = fc.string({ unit: 'binary' });

describe('cursors', () => {
  it('give back their position to the list that issued them, and to no other', () => {
    fc.assert(
      fc.property(texts, texts, texts, (list, position, other) => {
        const cursor = encodeCursor(list, position);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(decodeCursor(list, cursor)).toBe(position);
        if (other !== list) expect(() => decodeCursor(other, cursor)).toThrow(BAD_CURSOR);
      }),
    );
  });

  it('are refused when a character of them was altered, added or lost', () => {
    fc.assert(
      fc.property(texts, fc.nat(), fc.constantFrom('A', '_', '=', ' ', '\n', '+', ''), (position, place, by) => {
        const cursor = encodeCursor('datasets', position);
        const at = place % cursor.length;
        const replaced = cursor.slice(0, at) + by + cursor.slice(at + 1);
        const inserted = cursor.slice(0, at) + by + cursor.slice(at);
        for (const altered of [replaced, inserted]) {
          if (altered === cursor) continue;
          try {
            // An altered cursor may name another position of the list; it is never taken for what it is not.
            expect(encodeCursor('datasets', decodeCursor('datasets', altered))).toBe(altered);
          } catch (error) {
            expect(error).toEqual(BAD_CURSOR);
          }
        }
      }),
    );
  });

  it.each([
    '',
    'null',
    '!!!',
    Buffer.from('["datasets"]').toString('base64url'),
    Buffer.from('["datasets",1]').toString('base64url'),
    Buffer.from('["datasets","a","b"]').toString('base64url'),
    Buffer.from('["datasets", "a"]').toString('base64url'),
    Buffer.from('{"0":"datasets","1":"a","length":2}').toString('base64url'),
    `${encodeCursor('datasets', 'a')}=`,
  ])('%j is none', (cursor) => {
    expect(() => decodeCursor('datasets', cursor)).toThrow(BAD_CURSOR);
  });
});

describe('assertPageSize', () => {
  it('takes 0 to the maximum', () => {
    for (const first of [0, 1, MAX_PAGE_SIZE]) assertPageSize(first);
    assertPageSize(5, 5);
    expect(() => assertPageSize(MAX_PAGE_SIZE + 1)).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED' }));
    expect(() => assertPageSize(6, 5)).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED' }));
    for (const first of [-1, 1.5, Number.NaN])
      expect(() => assertPageSize(first)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });
});

describe('pageByKey', () => {
  const sorted = (keys: Iterable<string>): string[] => [...new Set(keys)].sort();
  const page = (keys: readonly string[], first: number, after: string | null) =>
    pageByKey('keys', keys, (key) => key, first, after);

  it('gives pages that together are the list', () => {
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 40 }), fc.integer({ min: 1, max: 10 }), (keys, first) => {
        const list = sorted(keys);
        const found: string[] = [];
        let after: string | null = null;
        for (let more = true; more; ) {
          const { nodes, pageInfo } = page(list, first, after);
          found.push(...nodes);
          more = pageInfo.hasNextPage;
          after = pageInfo.endCursor;
        }
        expect(found).toEqual(list);
      }),
    );
  });

  it('neither skips nor repeats what was there throughout, while rows come and go', () => {
    const steps = fc.array(fc.record({ added: fc.array(texts), removed: fc.array(fc.nat()) }), { maxLength: 50 });
    fc.assert(
      fc.property(fc.array(texts, { minLength: 1, maxLength: 40 }), steps, (keys, changes) => {
        let list = sorted(keys);
        const throughout = new Set(list);
        const found: string[] = [];
        let after: string | null = null;
        let step = 0;
        for (let more = true; more; step += 1) {
          const { nodes, pageInfo } = page(list, 3, after);
          found.push(...nodes);
          more = pageInfo.hasNextPage;
          after = pageInfo.endCursor ?? after;
          const change = changes[step];
          if (!change) continue;
          const gone = new Set(change.removed.map((place) => list[place % Math.max(1, list.length)]));
          for (const key of gone) throughout.delete(key ?? '');
          list = sorted([...list.filter((key) => !gone.has(key)), ...change.added]);
        }
        expect(found).toEqual(sorted(found));
        const seen = new Set(found);
        expect([...throughout].filter((key) => !seen.has(key))).toEqual([]);
      }),
    );
  });

  it('gives an empty page for first 0 and after the last row', () => {
    expect(page(['a', 'b'], 0, null)).toEqual({ nodes: [], pageInfo: { hasNextPage: true, endCursor: null } });
    const { pageInfo } = page(['a', 'b'], 2, null);
    expect(pageInfo.hasNextPage).toBe(false);
    expect(page(['a', 'b'], 2, pageInfo.endCursor)).toEqual({
      nodes: [],
      pageInfo: { hasNextPage: false, endCursor: null },
    });
  });

  it('refuses cursors of other lists, and empty ones', () => {
    expect(() => page(['a'], 1, encodeCursor('others', 'a'))).toThrow(BAD_CURSOR);
    expect(() => page(['a'], 1, '')).toThrow(BAD_CURSOR);
  });
});
