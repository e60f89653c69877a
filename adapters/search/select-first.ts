/**
 * The first few, in the order of `compare`, of the numbers below `count` that pass: sorts only what may be among them.
 * @param size how many are wanted
 */
export function selectFirst(
  count: number,
  size: number,
  passes: (number: number) => boolean,
  compare: (left: number, right: number) => number,
): number[] {
  let best: number[] = [];
  let limit: number | undefined;
  for (let number = 0; number < count; number++) {
    if (!passes(number) || (limit !== undefined && compare(number, limit) > 0)) continue;
    best.push(number);
    if (best.length < size * 2 + 100) continue;
    best = best.sort(compare).slice(0, size);
    limit = best.at(-1);
  }
  return best.sort(compare).slice(0, size);
}

/** The least number below `count` for which the test, false up to a point and true from it on, is true; else `count`. */
export function findFirst(count: number, test: (number: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
