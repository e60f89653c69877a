import { describe, expect, it } from '@jest/globals';
import { createGroupCommit } from './group-commit.js';

describe('a group commit', () => {
  it('commits together what waited, and fails only those whose commit failed', async () => {
    const batches: number[][] = [];
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const commit = createGroupCommit<number>(async (items) => {
      batches.push([...items]);
      await gate;
      if (items.includes(2)) throw new Error('disk');
    });
    const first = commit(1);
    const second = commit(2);
    const third = commit(3);
    open();
    await first;
    await expect(second).rejects.toThrow('disk');
    await expect(third).rejects.toThrow('disk');
    await commit(4);
    expect(batches).toEqual([[1], [2, 3], [4]]);
  });
});
