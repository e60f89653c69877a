import { expect, it } from '@jest/globals';
import { closeParts, worstHealth } from './part.js';

it('tells the worst of several healths, the first of equals', () => {
  const ready = { state: 'READY' } as const;
  const [one, two] = [{ state: 'DEGRADED', reason: 'one' } as const, { state: 'DEGRADED', reason: 'two' } as const];
  const down = { state: 'NOT_READY', reason: 'down' } as const;
  expect(worstHealth([])).toEqual(ready);
  expect(worstHealth([ready, ready])).toEqual(ready);
  expect(worstHealth([ready, one, two])).toBe(one);
  expect(worstHealth([one, down, two])).toBe(down);
});

it('closes parts one after another, last started first, every one of them, and throws the first failure', async () => {
  const seen: string[] = [];
  const part = (name: string, fails: boolean) => ({
    close: async () => {
      seen.push(`${name} begins`);
      await Promise.resolve();
      seen.push(`${name} ends`);
      if (fails) throw new Error(name);
    },
  });
  await expect(closeParts([part('a', true), part('b', false), part('c', true), part('d', false)])).rejects.toThrow(
    /^c$/,
  );
  expect(seen).toEqual(['d', 'c', 'b', 'a'].flatMap((name) => [`${name} begins`, `${name} ends`]));
});

it('goes on after a part that throws before it returns a promise', async () => {
  let closed = false;
  const parts = [
    {
      close: async () => {
        closed = true;
      },
    },
    {
      close: () => {
        throw new Error('at once');
      },
    },
  ];
  await expect(closeParts(parts)).rejects.toThrow('at once');
  expect(closed).toBe(true);
});

it('has nothing to say about parts that close well, or none', async () => {
  await closeParts([]);
  await closeParts([{ close: () => Promise.resolve() }]);
});
