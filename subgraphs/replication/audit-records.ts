import type { InstitutionId } from '../../core/ids.js';
import type { SigningKey } from '../../core/node-crypto.js';
import { encodeProvenanceEntry, PROVENANCE_FORMAT } from '../../formats/provenance-entry.js';
import type { DerivedHealth } from './dataset-health.js';
import type { BegunPull, CopyEntry, DatasetEntry } from './health-store.js';

/** An unchanged result is recorded again after this time, in milliseconds, so that the log shows that audits go on. */
export const RECORD_AGAIN_MS = 86_400_000;

/** Copies that one AUDIT names. */
const MAX_TOLD_COPIES = 100;
/** Copies that are not good of which one AUDIT says why. */
const MAX_TOLD_REASONS = 20;
/** Longest reason in an AUDIT, in characters: with the names of 100 copies it stays within an entry's 48,000 bytes. */
const MAX_REASON_LENGTH = 200;

/** Who signs, and where the entry goes. */
export interface AuditRecorder {
  readonly institution: InstitutionId;
  readonly signingKey: SigningKey;
  /** Keeps the signed entry until the log has it. */
  readonly recordProvenance: (entry: Uint8Array) => Promise<void>;
}

/** What an audit found, in one line; two audits that found the same are not told twice. */
export function describeResult(health: Pick<DerivedHealth, 'state'>, copies: readonly CopyEntry[]): string {
  return [health.state, ...copies.map(({ peerId, state }) => `${peerId}=${state}`).sort()].join(' ');
}

/**
 * Whether a copy is worse than the log says: it was told to be good and no longer is, or it is BAD and nobody was told.
 * That is recorded at once, before the repair that follows, so that the log shows why a copy was made.
 */
export function hasWorsened(recorded: DatasetEntry['recorded'], copies: readonly CopyEntry[]): boolean {
  const told = new Set(recorded?.result.split(' '));
  return copies.some(
    ({ peerId, state }) =>
      (state === 'BAD' && !told.has(`${peerId}=BAD`)) || (state !== 'AVAILABLE' && told.has(`${peerId}=AVAILABLE`)),
  );
}

/**
 * Whether the result goes into the log: when it is another than the last one recorded, or a day has passed. The log would
 * else grow by the number of datasets with every round.
 */
export function isWorthRecording(recorded: DatasetEntry['recorded'], result: string, nowMs: number): boolean {
  return recorded === null || recorded.result !== result || nowMs - recorded.atMs >= RECORD_AGAIN_MS;
}

/** Puts an AUDIT of the dataset on its way to the log. */
export async function recordAudit(
  recorder: AuditRecorder,
  entry: DatasetEntry,
  health: DerivedHealth,
  nowMs: number,
): Promise<void> {
  // Bounded, as an entry is: a dataset has a handful of copies, and what is over is in the health that anyone may ask for.
  const told = entry.copies.slice(0, MAX_TOLD_COPIES);
  const states = Object.fromEntries(told.map(({ peerId, state }): [string, string] => [`copy.${peerId}`, state]));
  const faulty = told.filter(({ state }) => state !== 'AVAILABLE').slice(0, MAX_TOLD_REASONS);
  const reasons = Object.fromEntries(
    faulty.map(({ peerId, reason }): [string, string] => [`reason.${peerId}`, cutText(reason, MAX_REASON_LENGTH)]),
  );
  await record(recorder, entry, {
    activity: 'AUDIT',
    used: told.map(({ peerId }) => `peer:${peerId}`),
    generated: [],
    startedAtMs: nowMs,
    endedAtMs: nowMs,
    detail: { health: health.state, missingCopies: health.missingCopies, ...states, ...reasons },
  });
}

/** Puts a COPY of the dataset on its way to the log: a pull that a challenge has confirmed. */
export async function recordCopy(
  recorder: AuditRecorder,
  entry: DatasetEntry,
  copy: CopyEntry,
  pull: BegunPull,
  nowMs: number,
): Promise<void> {
  await record(recorder, entry, {
    activity: 'COPY',
    used: [`peer:${pull.sourceId}`],
    generated: [`peer:${copy.peerId}`],
    startedAtMs: pull.startedAtMs,
    endedAtMs: nowMs,
    detail: {
      from: pull.sourceId,
      to: copy.peerId,
      institution: copy.institutionId,
      chunkCount: entry.chunkCount,
    },
  });
}

/** By characters and not by code units: half of a pair has no JSON form. */
const cutText = (text: string, length: number): string =>
  text.length <= length ? text : `${[...text].slice(0, length - 1).join('')}…`;

interface Recorded {
  readonly activity: 'AUDIT' | 'COPY';
  readonly used: readonly string[];
  readonly generated: readonly string[];
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly detail: Readonly<Record<string, string | number>>;
}

async function record(recorder: AuditRecorder, dataset: DatasetEntry, done: Recorded): Promise<void> {
  const { startedAtMs, endedAtMs, ...facts } = done;
  const entry = {
    ...facts,
    format: PROVENANCE_FORMAT,
    entity: dataset.id,
    manifestHash: dataset.manifestHash,
    agent: recorder.institution,
    // A clock that was set back between the two must not make the entry invalid.
    startedAt: new Date(Math.min(startedAtMs, endedAtMs)).toISOString(),
    endedAt: new Date(endedAtMs).toISOString(),
  } as const;
  await recorder.recordProvenance(encodeProvenanceEntry(entry, recorder.signingKey));
}
