import { describe, expect, it } from '@jest/globals';
import { createByteBudget } from './byte-budget.js';

const never = new AbortController().signal;

describe('a byte budget', () => {
  it('lets in what fits and the next one when room is given back, in order', async () => {
    const budget = createByteBudget(100);
    await budget.acquire(60, never);
    const order: string[] = [];
    const large = budget.acquire(80, never).then(() => order.push('large'));
    const small = budget.acquire(10, never).then(() => order.push('small'));
    expect(budget.usedBytes).toBe(60);
    budget.release(60);
    await Promise.all([large, small]);
    expect(order).toEqual(['large', 'small']);
    expect(budget.usedBytes).toBe(90);
  });

  it('lets in alone what is larger than all of it', async () => {
    const budget = createByteBudget(100);
    await budget.acquire(500, never);
    expect(budget.usedBytes).toBe(500);
  });

  it('forgets who left, and lets in whom that one kept waiting', async () => {
    const budget = createByteBudget(100);
    await budget.acquire(60, never);
    const gone = new AbortController();
    const left = budget.acquire(100, gone.signal);
    const next = budget.acquire(40, never);
    gone.abort();
    await expect(left).rejects.toMatchObject({ code: 'CANCELLED' });
    await next;
    expect(budget.usedBytes).toBe(100);
  });
});
