/** Uniform random numbers from 0 (inclusive) to 1 (exclusive), e.g. Math.random; injected so that tests repeat. */
export type Random = () => number;

/**
 * Chunks of a dataset that one audit challenges; all of them when there are no more than this.
 *
 * A copy with a share f of its chunks silently lost or damaged passes one audit of s chunks with probability (1 - f)^s.
 * With s = 16 one audit detects the loss of 50 % with 99.998 %, of 10 % with 81 %, of 1 % with 15 %; because samples are
 * drawn anew each time, 1 % is found within 29 audits with 99 %. More would read more: each sampled chunk costs the auditor
 * up to 1 MiB from each of two peers.
 */
export const SAMPLE_CHUNKS = 16;

/**
 * Positions of chunks to challenge, ascending, each once: a uniform sample without replacement.
 * @param owed positions that must be among them: those that were answered wrongly or not at all the last time, so that
 *   silence cannot hide a loss and a lucky draw cannot clear a liar
 */
export function drawSample(
  chunkCount: number,
  sampleCount: number,
  owed: readonly number[],
  random: Random,
): readonly number[] {
  const chosen = new Set(owed.filter((position) => position >= 0 && position < chunkCount));
  // Floyd's algorithm: uniform, and as many steps as chunks are drawn, however large the dataset is.
  const drawn = new Set<number>();
  for (let top = chunkCount - Math.min(sampleCount, chunkCount); top < chunkCount; top += 1) {
    const position = Math.floor(random() * (top + 1));
    drawn.add(drawn.has(position) ? top : position);
  }
  for (const position of drawn) chosen.add(position);
  return [...chosen].sort((left, right) => left - right);
}
