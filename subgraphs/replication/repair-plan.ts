import { type AwaitedPeers, listGoodInstitutions, type RepairOutlook } from './dataset-health.js';
import type { CopyState } from './gen/resolver-types.js';

/** A peer as a planner sees it. */
export interface PlannedPeer {
  readonly id: string;
  readonly institutionId: string;
  /** HEALTHY in the directory, and it answered the last audit. */
  readonly usable: boolean;
  /** False when it answered the last challenge wrongly: it may well do so again with what it is given. */
  readonly trusted: boolean;
  /** False when what it lacks may not fit there: it is asked after those that have room. */
  readonly hasRoom: boolean;
}

/** A pull that failed, and when it may be tried again. */
export interface PullFailure {
  readonly attemptCount: number;
  /** Milliseconds since the epoch. */
  readonly nextAttemptAtMs: number;
  readonly problem: string;
}

export interface PlannedCopy {
  readonly peerId: string;
  readonly institutionId: string;
  readonly state: CopyState;
  /** When an audit first found the peer silent, milliseconds since the epoch; null while it answers. */
  readonly silentSinceMs: number | null;
}

export interface RepairInput {
  readonly copies: readonly PlannedCopy[];
  readonly peers: readonly PlannedPeer[];
  readonly requiredCopies: number;
  /** How long a silent peer with a good copy is waited for before a copy is made elsewhere. */
  readonly silentPeerGraceMs: number;
  /** By peer id. */
  readonly failures: Readonly<Record<string, PullFailure>>;
  /** Peers that are pulling the dataset already: they count as if they had it. */
  readonly pullingIds: ReadonlySet<string>;
  readonly nowMs: number;
  /** Order among peers that are equally fit, lower first; spreads datasets over the peers. */
  readonly rank: (peerId: string) => string;
}

export interface RepairTarget {
  readonly peerId: string;
  readonly institutionId: string;
}

export interface RepairPlan {
  /** Peers that should pull, at most one at each institution and no more than are missing, best first. */
  readonly targets: readonly RepairTarget[];
  /** Peers to pull from: usable, with an AVAILABLE copy. */
  readonly sourceIds: readonly string[];
  readonly outlook: RepairOutlook;
}

/** First wait after a failed pull, in milliseconds; doubles with each failure. */
export const FIRST_RETRY_MS = 5000;
/** Longest wait between pulls, in milliseconds. */
export const MAX_RETRY_MS = 3_600_000;

/** When a pull that failed `attemptCount` times may be tried again, in milliseconds from now. */
export function retryDelayMs(attemptCount: number): number {
  return Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(30, Math.max(0, attemptCount - 1)));
}

/** A copy that lacks some chunks, or knows of damaged ones, is cheaper to mend than a new one to make. */
const MENDABLE: ReadonlySet<CopyState | undefined> = new Set(['UNAVAILABLE', 'COPYING', 'BAD']);

/** Who should pull the dataset from whom so that enough institutions have it; why nobody can, when nobody can. */
export function planRepair(input: RepairInput): RepairPlan {
  const { failures, pullingIds, peers } = input;
  const states = new Map(input.copies.map(({ peerId, state }) => [peerId, state]));
  const covered = listGoodInstitutions(input.copies);
  for (const { id, institutionId } of peers) if (pullingIds.has(id)) covered.add(institutionId);
  const missing = Math.max(0, input.requiredCopies - covered.size);
  const sourceIds = peers.filter(({ id, usable }) => usable && states.get(id) === 'AVAILABLE').map(({ id }) => id);
  if (missing === 0) return { targets: [], sourceIds, outlook: { possible: true } };
  const stuck = (reason: string): RepairPlan => ({
    targets: [],
    sourceIds,
    // While something is being copied, more are being made, even when not enough.
    outlook: pullingIds.size > 0 ? { possible: true } : { possible: false, reason },
  });
  if (sourceIds.length === 0) return stuck('no peer that answers has a good copy to pull from');
  const candidates = peers.filter(({ institutionId, usable }) => usable && !covered.has(institutionId));
  if (candidates.length === 0) return stuck('no other institution has a healthy peer that could take one');
  const awaited = listAwaited(input, covered);
  const awaitedInstitutions = new Set(awaited.map(({ institutionId }) => institutionId));
  const due = missing - awaitedInstitutions.size;
  const others = candidates.filter(({ institutionId }) => !awaitedInstitutions.has(institutionId));
  if (due <= 0 || others.length === 0) {
    return { targets: [], sourceIds, outlook: { possible: true, awaited: describeAwaited(awaited, input) } };
  }
  const ready = others.filter(({ id }) => (failures[id]?.nextAttemptAtMs ?? 0) <= input.nowMs);
  if (ready.length === 0) return stuck(describeFailures(others, failures));
  const failedCount = (peer: PlannedPeer) => failures[peer.id]?.attemptCount ?? 0;
  const fitness = ({ id, trusted }: PlannedPeer) => (trusted ? (MENDABLE.has(states.get(id)) ? 0 : 1) : 2);
  const ordered = ready.toSorted(
    (left, right) =>
      Number(right.hasRoom) - Number(left.hasRoom) ||
      failedCount(left) - failedCount(right) ||
      fitness(left) - fitness(right) ||
      (input.rank(left.id) < input.rank(right.id) ? -1 : 1),
  );
  const targets = new Map<string, RepairTarget>();
  for (const { id, institutionId } of ordered) {
    if (!targets.has(institutionId)) targets.set(institutionId, { peerId: id, institutionId });
  }
  return { targets: [...targets.values()].slice(0, due), sourceIds, outlook: { possible: true } };
}

/** Silent peers whose good copies may come back with them: most silences are restarts, and a copy is dear. */
function listAwaited(input: RepairInput, covered: ReadonlySet<string>): PlannedCopy[] {
  return input.copies.filter(
    ({ state, institutionId, silentSinceMs }) =>
      state === 'TEMPORARY_UNAVAILABLE' &&
      silentSinceMs !== null &&
      input.nowMs < silentSinceMs + input.silentPeerGraceMs &&
      !covered.has(institutionId),
  );
}

function describeAwaited(awaited: readonly PlannedCopy[], { silentPeerGraceMs }: RepairInput): AwaitedPeers {
  const since = awaited.map(({ silentSinceMs }) => silentSinceMs ?? 0);
  return { peerIds: awaited.map(({ peerId }) => peerId), untilMs: Math.min(...since) + silentPeerGraceMs };
}

function describeFailures(candidates: readonly PlannedPeer[], failures: Readonly<Record<string, PullFailure>>): string {
  const texts = candidates.flatMap(({ id }) => {
    const failure = failures[id];
    if (failure === undefined) return [];
    const next = new Date(failure.nextAttemptAtMs).toISOString();
    return [`${id} could not be given a copy (${failure.attemptCount} times, next try ${next}): ${failure.problem}`];
  });
  return texts.join('; ');
}

/**
 * When a plan made at `nowMs` may come out otherwise by time alone, milliseconds since the epoch: a failed pull may be tried
 * again, or a silent peer is waited for no longer. Undefined when only a change in the swarm can help; what was due
 * at `nowMs` was considered then, and to ask again before something changes would be in vain.
 */
export function nextPlanAtMs(
  input: Pick<RepairInput, 'failures' | 'copies' | 'silentPeerGraceMs' | 'nowMs'>,
): number | undefined {
  const retries = Object.values(input.failures).map((failure) => failure.nextAttemptAtMs);
  const graces = input.copies.flatMap(({ state, silentSinceMs }) =>
    state === 'TEMPORARY_UNAVAILABLE' && silentSinceMs !== null ? [silentSinceMs + input.silentPeerGraceMs] : [],
  );
  const times = [...retries, ...graces].filter((atMs) => atMs > input.nowMs);
  return times.length === 0 ? undefined : Math.min(...times);
}
