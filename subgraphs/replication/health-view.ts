import { type DerivedHealth, deriveHealth } from './dataset-health.js';
import type { CopyState } from './gen/resolver-types.js';
import type { CopyEntry, DatasetEntry } from './health-store.js';
import type { RunningPull } from './repairer.js';

/** A copy as it is shown: as the last audit found it, or as being fetched. */
export interface ShownCopy {
  readonly peerId: string;
  readonly institutionId: string;
  readonly state: CopyState;
  readonly reason: string;
  readonly answers: boolean;
  readonly heldChunkCount: number | null;
  readonly everComplete: boolean;
  readonly lastAuditedAtMs: number | null;
}

export interface ShownHealth extends DerivedHealth {
  readonly requiredCopies: number;
  readonly totalChunkCount: number;
  /** By institution id, then peer id. */
  readonly copies: readonly ShownCopy[];
  /** Milliseconds since the epoch. */
  readonly lastAuditedAtMs: number | null;
}

/** What the last audit found, with the pulls that run since laid over it. */
export function showHealth(entry: DatasetEntry, pulls: readonly RunningPull[], requiredCopies: number): ShownHealth {
  const copies = layPulls(entry.copies, pulls);
  const health = deriveHealth({
    copies,
    requiredCopies,
    totalChunkCount: entry.chunkCount,
    audited: entry.auditedAtMs !== null,
    outlook: entry.outlook,
  });
  const audited = entry.copies.flatMap(({ lastAuditedAtMs }) => lastAuditedAtMs ?? []);
  return {
    ...health,
    requiredCopies,
    totalChunkCount: entry.chunkCount,
    copies,
    lastAuditedAtMs: audited.length === 0 ? null : Math.max(...audited),
  };
}

function layPulls(copies: readonly CopyEntry[], pulls: readonly RunningPull[]): ShownCopy[] {
  const byPeer = new Map<string, ShownCopy>(copies.map((copy) => [copy.peerId, copy]));
  for (const { peerId, institutionId, sourceId, heldChunkCount } of pulls) {
    const before = byPeer.get(peerId);
    if (before?.state === 'AVAILABLE') continue;
    byPeer.set(peerId, {
      peerId,
      institutionId,
      state: 'COPYING',
      reason: `Being fetched from ${sourceId}`,
      answers: true,
      heldChunkCount: heldChunkCount ?? before?.heldChunkCount ?? null,
      everComplete: before?.everComplete ?? false,
      lastAuditedAtMs: before?.lastAuditedAtMs ?? null,
    });
  }
  const placeOf = ({ institutionId, peerId }: ShownCopy) => `${institutionId} ${peerId}`;
  return [...byPeer.values()].sort((left, right) => (placeOf(left) < placeOf(right) ? -1 : 1));
}
