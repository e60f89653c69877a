import type { CopyState } from './gen/resolver-types.js';

/** States that an audit can find. COPYING is not among them: it is true only while a pull of ours runs. */
export type AuditedState = Exclude<CopyState, 'COPYING'>;

/** What one peer showed of one dataset in one audit. */
export type CopyObservation =
  | {
      readonly kind: 'SILENT';
      /** What failed, for people. */
      readonly problem: string;
    }
  | {
      readonly kind: 'ANSWERED';
      /** Chunks that it says it holds. */
      readonly heldChunkCount: number;
      /** Chunks of the dataset. */
      readonly totalChunkCount: number;
      /** Whether it lists the dataset's manifest: without it the chunks cannot be served as files. */
      readonly manifestListed: boolean;
      readonly challenge: ChallengeResult;
    };

/** How the chunks of a challenge were answered, in counts that add up to those asked for. */
export interface ChallengeResult {
  /** The hash is that of the chunk's bytes. */
  readonly rightCount: number;
  /** Another hash, no hash, or bytes that do not hash to the chunk's id. */
  readonly wrongCount: number;
  /** The peer says that its bytes are damaged. */
  readonly damagedCount: number;
  /** The peer says that it does not hold the chunk after all. */
  readonly missingCount: number;
}

export const NO_CHALLENGE: ChallengeResult = { rightCount: 0, wrongCount: 0, damagedCount: 0, missingCount: 0 };

/** What is known of a copy. */
export interface KnownCopy {
  readonly state: AuditedState;
  /** Why, for people. */
  readonly reason: string;
  /** Whether the peer answered the last audit. */
  readonly answers: boolean;
}

/**
 * The state of a copy after an audit; undefined when the peer neither has nor had anything of the dataset.
 *
 * - A silent peer never becomes better and is never forgotten: what was good is TEMPORARY_UNAVAILABLE, what was not stays
 *   what it was, and a copy that was listed but never audited is taken for one that was there.
 * - An answer decides alone, whatever was known before: wrong or damaged bytes are BAD, missing chunks UNAVAILABLE, and
 *   only all chunks, the manifest and a challenge without fault are AVAILABLE.
 *
 * @param everListed whether the peer ever had the dataset, so that its loss is told
 */
export function deriveCopyState(
  previous: KnownCopy | undefined,
  everListed: boolean,
  seen: CopyObservation,
): KnownCopy | undefined {
  if (seen.kind === 'SILENT') return deriveSilentCopy(previous, everListed, seen.problem);
  const found = deriveAnsweredCopy(seen, previous !== undefined || everListed);
  return found && { ...found, answers: true };
}

function deriveSilentCopy(
  previous: KnownCopy | undefined,
  everListed: boolean,
  problem: string,
): KnownCopy | undefined {
  if (previous === undefined) {
    if (!everListed) return undefined;
    const reason = `It listed the dataset and fell silent before its first audit: ${problem}`;
    return { state: 'TEMPORARY_UNAVAILABLE', reason, answers: false };
  }
  // The first silence says when and why; later ones add nothing.
  if (!previous.answers) return previous;
  return previous.state === 'AVAILABLE'
    ? {
        state: 'TEMPORARY_UNAVAILABLE',
        reason: `Does not answer; its copy was good when last audited: ${problem}`,
        answers: false,
      }
    : { state: previous.state, reason: `Does not answer: ${problem}. Before: ${previous.reason}`, answers: false };
}

function deriveAnsweredCopy(
  seen: Extract<CopyObservation, { kind: 'ANSWERED' }>,
  known: boolean,
): Omit<KnownCopy, 'answers'> | undefined {
  const { heldChunkCount: held, totalChunkCount: total, challenge } = seen;
  const asked = challenge.rightCount + challenge.wrongCount + challenge.damagedCount + challenge.missingCount;
  if (challenge.wrongCount > 0) {
    return { state: 'BAD', reason: `${challenge.wrongCount} of ${asked} challenged chunks were answered wrongly` };
  }
  if (challenge.damagedCount > 0) {
    return { state: 'BAD', reason: `${challenge.damagedCount} of ${asked} challenged chunks are damaged on its disk` };
  }
  if (challenge.missingCount > 0) {
    return {
      state: 'UNAVAILABLE',
      reason: `${challenge.missingCount} of ${asked} challenged chunks are missing, although it listed them as held`,
    };
  }
  if (held < total) {
    if (held === 0 && !known) return undefined;
    return { state: 'UNAVAILABLE', reason: `Holds ${held} of ${total} chunks` };
  }
  if (!seen.manifestListed) {
    // Chunks that it keeps for another dataset are no copy of this one.
    if (!known) return undefined;
    return { state: 'UNAVAILABLE', reason: `Holds all ${total} chunks and not the manifest` };
  }
  // Everything is held, so something was challenged, unless there is nothing to hold.
  if (total > 0 && asked === 0) return { state: 'UNAVAILABLE', reason: 'Not challenged for its bytes yet' };
  return {
    state: 'AVAILABLE',
    reason:
      total === 0
        ? 'Holds the manifest; the dataset has no bytes'
        : `Holds all ${total} chunks; all ${asked} challenged ones were answered rightly`,
  };
}
