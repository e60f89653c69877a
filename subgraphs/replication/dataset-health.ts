import type { CopyState, HealthState } from './gen/resolver-types.js';

/** What health is derived from, of each copy. */
export interface HealthCopy {
  readonly peerId: string;
  readonly institutionId: string;
  readonly state: CopyState;
  /** Whether the peer answered the last audit. */
  readonly answers: boolean;
  /** Chunks that it says it holds; null when it does not answer. */
  readonly heldChunkCount: number | null;
  /** True when the peer ever had the whole dataset. */
  readonly everComplete: boolean;
}

/** Whether more copies can be made, and if not, why. */
export type RepairOutlook =
  | { readonly possible: true; readonly awaited?: AwaitedPeers | undefined }
  | { readonly possible: false; readonly reason: string };

/** Silent peers that may come back, so that nothing is copied elsewhere yet. */
export interface AwaitedPeers {
  readonly peerIds: readonly string[];
  /** When the first of them is waited for no longer, milliseconds since the epoch. */
  readonly untilMs: number;
}

export interface HealthInput {
  readonly copies: readonly HealthCopy[];
  readonly requiredCopies: number;
  readonly totalChunkCount: number;
  /** False until the first audit. */
  readonly audited: boolean;
  readonly outlook: RepairOutlook;
}

export interface DerivedHealth {
  readonly state: HealthState;
  readonly reason: string;
  readonly missingCopies: number;
}

/** Institutions with an AVAILABLE copy: two copies at one institution count once, because they share its fate. */
export function listGoodInstitutions(copies: readonly Pick<HealthCopy, 'institutionId' | 'state'>[]): Set<string> {
  return new Set(copies.filter(({ state }) => state === 'AVAILABLE').map(({ institutionId }) => institutionId));
}

/**
 * The health of a dataset. LOST is said only when every peer that ever had the whole of it answers and none still has: as
 * long as one of them is silent there is hope, and the state is STUCK.
 */
export function deriveHealth(input: HealthInput): DerivedHealth {
  const { copies, requiredCopies, outlook } = input;
  const good = listGoodInstitutions(copies).size;
  const missingCopies = Math.max(0, requiredCopies - good);
  if (!input.audited) return { state: 'UNKNOWN', reason: 'Not audited yet', missingCopies };
  if (missingCopies === 0) {
    return {
      state: 'OK',
      reason: `Good copies at ${good} institutions; ${requiredCopies} are required`,
      missingCopies,
    };
  }
  if (good === 0) return { ...deriveWithoutGoodCopy(input), missingCopies };
  const short = `${good} of ${requiredCopies} institutions have a good copy`;
  const copying = copies.filter(({ state }) => state === 'COPYING').map(({ peerId }) => peerId);
  if (copying.length > 0) {
    return { state: 'REPLICATING', reason: `${short}; being copied to ${copying.join(', ')}`, missingCopies };
  }
  if (!outlook.possible) return { state: 'STUCK', reason: `${short}; ${outlook.reason}`, missingCopies };
  return { state: 'REPLICATING', reason: `${short}; ${describeRepair(outlook.awaited)}`, missingCopies };
}

function describeRepair(awaited: AwaitedPeers | undefined): string {
  if (awaited === undefined) return 'more are being made';
  const silent = `${awaited.peerIds.join(', ')} ${awaited.peerIds.length === 1 ? 'is' : 'are'} silent`;
  return `${silent} and may come back; copies elsewhere from ${new Date(awaited.untilMs).toISOString()} on`;
}

function deriveWithoutGoodCopy({ copies, totalChunkCount }: HealthInput): Pick<DerivedHealth, 'state' | 'reason'> {
  const silent = copies.filter((copy) => copy.everComplete && !copy.answers).map(({ peerId }) => peerId);
  if (silent.length > 0) {
    return {
      state: 'STUCK',
      reason: `No good copy answers; ${silent.join(', ')} had one and ${silent.length === 1 ? 'is' : 'are'} silent`,
    };
  }
  const most = copies.reduce((best, { heldChunkCount }) => Math.max(best, heldChunkCount ?? 0), 0);
  return {
    state: 'LOST',
    reason: `No peer has a good copy; every peer that had one answers, and the fullest says it holds ${most} of ${totalChunkCount} chunks`,
  };
}
