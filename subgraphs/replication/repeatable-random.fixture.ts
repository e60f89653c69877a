import type { Random } from './chunk-sample.js';

/** Numbers that are the same in every run: the generator of Park and Miller. @param seed 1 to 2^31 - 2 */
export function createRepeatableRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
