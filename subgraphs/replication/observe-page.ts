import type { Call } from '../../core/call.js';
import { type ChallengeVerdicts, type ChunkVerdict, challengePeers } from './challenge.js';
import { drawSample, type Random } from './chunk-sample.js';
import { type ChallengeResult, type CopyObservation, NO_CHALLENGE } from './copy-state.js';
import { describeSilence, type StoragePeer } from './storage-peer.js';

/** A dataset to look at. */
export interface ObservedDataset {
  readonly id: string;
  /** Each chunk once, 32 bytes each. */
  readonly chunkIds: readonly Uint8Array[];
  /** Ids of peers that list its manifest. */
  readonly listedBy: ReadonlySet<string>;
  /** Chunks that a peer failed or left unanswered the last time, by peer id: they are asked again. */
  readonly owed: ReadonlyMap<string, readonly number[]>;
}

/** What one peer showed of one dataset, and which chunks it is to be asked for again. */
export interface CopyEvidence {
  readonly observation: CopyObservation;
  /** True when it answered a challenge for bytes, rightly or wrongly. */
  readonly challenged: boolean;
  readonly owed: readonly number[];
}

export interface ObserveOptions {
  readonly peers: readonly StoragePeer[];
  readonly sampleChunks: number;
  readonly random: Random;
  /** 32 bytes that no peer can foresee. */
  readonly createNonce: () => Uint8Array;
  /** Peers that fell silent earlier in the same round. */
  readonly silence: RoundSilence;
}

/** Remembers within one round who is silent, so that a dead peer costs two waits and not one for each page. */
export class RoundSilence {
  readonly #failures = new Map<string, { count: number; problem: string }>();

  /** Why the peer is no longer asked in this round; undefined while it still is. */
  read(peerId: string): string | undefined {
    const failure = this.#failures.get(peerId);
    return failure && failure.count >= 2 ? failure.problem : undefined;
  }

  note(peerId: string, problem: string | undefined): void {
    if (problem === undefined) this.#failures.delete(peerId);
    else this.#failures.set(peerId, { count: (this.#failures.get(peerId)?.count ?? 0) + 1, problem });
  }
}

/** A peer's answer about every chunk of the page, or why there is none. */
type Holdings = { readonly held: readonly boolean[] } | { readonly problem: string };

/**
 * Asks every peer at once what it holds of a page of datasets, one HasChunks for all of them, and challenges it for a
 * sample of what it says: by dataset id, then by peer id.
 */
export async function observePage(
  datasets: readonly ObservedDataset[],
  options: ObserveOptions,
  call: Call,
): Promise<Map<string, Map<string, CopyEvidence>>> {
  const { peers } = options;
  const chunkIds = datasets.flatMap((dataset) => dataset.chunkIds);
  const starts = listStarts(datasets);
  const holdings = new Map(
    await Promise.all(
      peers.map(
        async (peer): Promise<[string, Holdings]> => [peer.id, await readHoldings(peer, chunkIds, options, call)],
      ),
    ),
  );
  const samples = new Map(peers.map(({ id }) => [id, new Map<string, readonly number[]>()]));
  for (const dataset of datasets) {
    const common = drawSample(dataset.chunkIds.length, options.sampleChunks, [], options.random);
    for (const { id } of peers) {
      const owed = dataset.owed.get(id) ?? [];
      const sample = owed.length === 0 ? common : [...new Set([...common, ...owed])];
      samples.get(id)?.set(
        dataset.id,
        sample.toSorted((left, right) => left - right),
      );
    }
  }
  const heldSample = (peerId: string, datasetIndex: number): number[] => {
    const found = holdings.get(peerId);
    const start = starts[datasetIndex] ?? 0;
    const sample = samples.get(peerId)?.get(datasets[datasetIndex]?.id ?? '') ?? [];
    return found && 'held' in found ? sample.filter((position) => found.held[start + position]) : [];
  };
  const holders = peers.map((peer) => ({
    peer,
    positions: datasets.flatMap((_, index) => heldSample(peer.id, index).map((at) => (starts[index] ?? 0) + at)),
  }));
  const challenges = await challengePeers(
    { chunkIds, holders: holders.filter(({ positions }) => positions.length > 0), ...options },
    call,
  );
  for (const { id } of peers) {
    const found = holdings.get(id);
    const challenge = challenges.get(id);
    const problem =
      found && 'problem' in found ? found.problem : challenge?.kind === 'SILENT' ? challenge.problem : undefined;
    options.silence.note(id, problem);
  }
  return new Map(
    datasets.map((dataset, index) => {
      const evidence = peers.map(({ id }): [string, CopyEvidence] => {
        const found = holdings.get(id) ?? { problem: 'was not asked' };
        const sample = heldSample(id, index);
        const previouslyOwed = dataset.owed.get(id) ?? [];
        const seen = judgeCopy(dataset, id, starts[index] ?? 0, found, sample, previouslyOwed, challenges.get(id));
        // What was owed before comes first, and no more than a sample is owed: else a liar's debt would grow for ever.
        const owed = seen.owed.toSorted(
          (left, right) => Number(previouslyOwed.includes(right)) - Number(previouslyOwed.includes(left)),
        );
        return [id, { ...seen, owed: owed.slice(0, options.sampleChunks) }];
      });
      return [dataset.id, new Map(evidence)];
    }),
  );
}

async function readHoldings(
  peer: StoragePeer,
  chunkIds: readonly Uint8Array[],
  { silence }: ObserveOptions,
  call: Call,
): Promise<Holdings> {
  const known = silence.read(peer.id);
  if (known !== undefined) return { problem: known };
  try {
    return { held: await peer.hasChunks(chunkIds, call) };
  } catch (error) {
    return { problem: describeSilence(error) };
  }
}

function judgeCopy(
  dataset: ObservedDataset,
  peerId: string,
  start: number,
  found: Holdings,
  sample: readonly number[],
  owed: readonly number[],
  challenge: ChallengeVerdicts | undefined,
): CopyEvidence {
  if ('problem' in found) {
    return { observation: { kind: 'SILENT', problem: found.problem }, challenged: false, owed };
  }
  if (challenge?.kind === 'SILENT' && sample.length > 0) {
    // Contained, as Storj does it: who does not answer is asked for the same bytes again.
    return { observation: { kind: 'SILENT', problem: challenge.problem }, challenged: false, owed: sample };
  }
  const total = dataset.chunkIds.length;
  const verdicts = sample.map((position): [number, ChunkVerdict] => [
    position,
    (challenge?.kind === 'ANSWERED' ? challenge.verdicts.get(start + position) : undefined) ?? 'WRONG',
  ]);
  return {
    observation: {
      kind: 'ANSWERED',
      heldChunkCount: found.held.slice(start, start + total).filter(Boolean).length,
      totalChunkCount: total,
      manifestListed: dataset.listedBy.has(peerId),
      challenge: countVerdicts(verdicts.map(([, verdict]) => verdict)),
    },
    challenged: sample.length > 0 || total === 0,
    owed: verdicts.filter(([, verdict]) => verdict !== 'RIGHT').map(([position]) => position),
  };
}

function countVerdicts(verdicts: readonly ChunkVerdict[]): ChallengeResult {
  const counts = { ...NO_CHALLENGE };
  for (const verdict of verdicts) {
    switch (verdict) {
      case 'RIGHT':
        counts.rightCount += 1;
        break;
      case 'WRONG':
        counts.wrongCount += 1;
        break;
      case 'DAMAGED':
        counts.damagedCount += 1;
        break;
      case 'MISSING':
        counts.missingCount += 1;
        break;
    }
  }
  return counts;
}

/** Where each dataset's chunks begin in the chunks of the page. */
function listStarts(datasets: readonly ObservedDataset[]): number[] {
  let next = 0;
  return datasets.map(({ chunkIds }) => {
    const start = next;
    next += chunkIds.length;
    return start;
  });
}
