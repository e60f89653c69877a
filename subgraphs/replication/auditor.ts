import type { Directory } from '../../adapters/directory.js';
import { assertActive, type Call } from '../../core/call.js';
import { hexBlake3 } from '../../core/node-hashes.js';
import {
  type AuditRecorder,
  describeResult,
  hasWorsened,
  isWorthRecording,
  recordAudit,
  recordCopy,
} from './audit-records.js';
import type { Random } from './chunk-sample.js';
import { deriveCopyState } from './copy-state.js';
import { type DerivedHealth, deriveHealth } from './dataset-health.js';
import { Exclusive } from './exclusive.js';
import { readFreeBytes } from './free-bytes.js';
import type { CopyEntry, DatasetEntry, HealthStore } from './health-store.js';
import { checkPeerSequence } from './manifest-watch.js';
import { audits } from './metrics.js';
import { type CopyEvidence, observePage, RoundSilence } from './observe-page.js';
import { planRepair, type RepairPlan, retryDelayMs } from './repair-plan.js';
import {
  describeSilence,
  MAX_CHALLENGE_CHUNKS,
  MAX_CHUNK_BYTES,
  MAX_REQUEST_CHUNKS,
  type StoragePeer,
  type StoragePeers,
} from './storage-peer.js';

/** A pull that has just ended, for the audit that checks what came of it. */
export interface EndedPull {
  readonly datasetId: string;
  readonly peerId: string;
  /** Why it failed; undefined when the peer said that it has everything. */
  readonly problem: string | undefined;
}

/** A dataset as audited, and what should be copied where. */
export interface AuditOutcome {
  readonly entry: DatasetEntry;
  readonly plan: RepairPlan;
  /** False while copies are being made or about to be: the result is then not the last word. */
  readonly settled: boolean;
}

export interface AuditorOptions {
  readonly store: HealthStore;
  readonly directory: Directory;
  readonly peers: StoragePeers;
  readonly requiredCopies: number;
  /** How long a silent peer is waited for before its copies are made elsewhere. */
  readonly silentPeerGraceMs: number;
  readonly sampleChunks: number;
  readonly recorder: AuditRecorder;
  readonly now: () => number;
  readonly random: Random;
  readonly createNonce: () => Uint8Array;
  /** Peers that are pulling the dataset now. */
  readonly listPulling: (datasetId: string) => ReadonlySet<string>;
}

/** What an audit saw of one dataset. */
interface SeenPeers {
  readonly peers: readonly StoragePeer[];
  /** By peer id. */
  readonly evidence: ReadonlyMap<string, CopyEvidence>;
  /** By peer id; absent = as much as it likes. */
  readonly freeBytes: ReadonlyMap<string, number>;
}

/** Most datasets in a page: bounds what one page holds in memory and how long another question waits for it. */
const PAGE_DATASETS = 64;

/** Finds out what the swarm holds and writes it down. Audits run one page after the other, each over all peers at once. */
export class Auditor {
  readonly #options: AuditorOptions;
  readonly #pages = new Exclusive();

  constructor(options: AuditorOptions) {
    this.#options = options;
  }

  /** The storage peers of the directory, healthy or not: whether they answer shows when they are asked. */
  async listPeers(call: Call): Promise<StoragePeer[]> {
    return this.#options.peers.connect(await this.#options.directory.listAdapters('STORAGE_PEER', call));
  }

  /** Audits every dataset, page by page, and yields what was found. @throws CANCELLED between pages */
  async *auditAll(call: Call): AsyncGenerator<AuditOutcome> {
    const silence = new RoundSilence();
    const peers = await this.listPeers(call);
    await Promise.all(peers.map((peer) => this.#checkSequence(peer, silence, call)));
    for (const entries of this.#options.store.listDatasets()) {
      for (const page of paginate(entries, this.#options.sampleChunks)) {
        assertActive(call);
        yield* await this.#pages.run(() => this.#auditPage(page, silence, [], call));
      }
    }
  }

  /**
   * Audits these datasets now, page by page; those that the swarm does not hold are left out.
   * @param ended pulls of them that have just ended
   */
  async *auditDatasets(
    ids: readonly string[],
    call: Call,
    ended: readonly EndedPull[] = [],
  ): AsyncGenerator<AuditOutcome> {
    const entries = (await this.#options.store.readDatasets(ids)).filter((entry) => entry !== undefined);
    for (const page of paginate(entries, this.#options.sampleChunks)) {
      assertActive(call);
      yield* await this.#pages.run(() => this.#auditPage(page, new RoundSilence(), ended, call));
    }
  }

  async #checkSequence(peer: StoragePeer, silence: RoundSilence, call: Call): Promise<void> {
    try {
      await checkPeerSequence(this.#options.store, peer, call);
    } catch (error) {
      silence.note(peer.id, describeSilence(error));
    }
  }

  async #auditPage(
    page: readonly DatasetEntry[],
    silence: RoundSilence,
    ended: readonly EndedPull[],
    call: Call,
  ): Promise<AuditOutcome[]> {
    const { store, sampleChunks, random, createNonce } = this.#options;
    const peers = await this.listPeers(call);
    // Read again: the page may have waited for its turn while another audit changed it.
    const entries = (await store.readDatasets(page.map(({ id }) => id))).filter((entry) => entry !== undefined);
    const observed = entries.map((entry) => ({
      id: entry.id,
      chunkIds: store.readChunkIds(entry.manifestHash),
      listedBy: new Set(entry.listedBy.map(({ peerId }) => peerId)),
      owed: new Map(entry.copies.map(({ peerId, owed }) => [peerId, owed])),
    }));
    const [evidence, freeBytes] = await Promise.all([
      observePage(observed, { peers, sampleChunks, random, createNonce, silence }, call),
      readFreeBytes(peers, silence, call),
    ]);
    // A page that was broken off shows everybody silent; what was known before is truer.
    assertActive(call);
    // All at once, so that the whole page is one commit to the disk.
    const outcomes = await Promise.all(
      entries.map(async (entry) => {
        const pulled = ended.filter(({ datasetId }) => datasetId === entry.id);
        const outcome = await this.#keep(
          entry,
          { peers, freeBytes, evidence: evidence.get(entry.id) ?? new Map() },
          pulled,
        );
        return outcome && this.#record(outcome, call);
      }),
    );
    return outcomes.filter((outcome) => outcome !== undefined);
  }

  /** Writes what was found; undefined when a newer manifest took the dataset's place meanwhile. */
  async #keep(
    { id, manifestHash }: DatasetEntry,
    seen: SeenPeers,
    ended: readonly EndedPull[],
  ): Promise<AuditOutcome | undefined> {
    const nowMs = this.#options.now();
    const pullingIds = new Set(this.#options.listPulling(id));
    for (const { peerId } of ended) pullingIds.delete(peerId);
    let plan: RepairPlan | undefined;
    const entry = await this.#options.store.update(id, manifestHash, (known) => {
      const copies = deriveCopies(known, seen.peers, seen.evidence, nowMs);
      const failures = deriveFailures(known, copies, ended, nowMs);
      plan = this.#plan({ ...known, copies, failures }, seen, pullingIds, nowMs);
      return { ...known, copies, failures, outlook: plan.outlook, auditedAtMs: nowMs };
    });
    return entry && plan && { entry, plan, settled: plan.targets.length === 0 && pullingIds.size === 0 };
  }

  #plan(
    entry: DatasetEntry,
    { peers, evidence, freeBytes }: SeenPeers,
    pullingIds: ReadonlySet<string>,
    nowMs: number,
  ): RepairPlan {
    return planRepair({
      copies: entry.copies,
      peers: peers.map(({ id, institutionId, healthy }) => {
        const seen = evidence.get(id)?.observation;
        const answered = seen?.kind === 'ANSWERED';
        return {
          id,
          institutionId,
          usable: healthy && answered,
          trusted: answered && seen.challenge.wrongCount === 0,
          hasRoom:
            answered &&
            (entry.chunkCount - seen.heldChunkCount) * MAX_CHUNK_BYTES <=
              (freeBytes.get(id) ?? Number.POSITIVE_INFINITY),
        };
      }),
      requiredCopies: this.#options.requiredCopies,
      silentPeerGraceMs: this.#options.silentPeerGraceMs,
      failures: entry.failures,
      pullingIds,
      nowMs,
      rank: (peerId) => hexBlake3(Buffer.from(`${entry.manifestHash} ${peerId}`)),
    });
  }

  /** Tells the log; what cannot be told now is told after the next audit. */
  async #record(outcome: AuditOutcome, call: Call): Promise<AuditOutcome> {
    const { recorder, store, requiredCopies } = this.#options;
    const nowMs = this.#options.now();
    const { entry } = outcome;
    const health = readHealth(entry, requiredCopies);
    const result = describeResult(health, entry.copies);
    audits.inc({ outcome: health.state });
    let { pulls, recorded } = entry;
    const tellResult = async () => {
      await recordAudit(recorder, entry, health, nowMs);
      recorded = { result, atMs: nowMs };
    };
    try {
      if (hasWorsened(recorded, entry.copies)) await tellResult();
      for (const copy of entry.copies) {
        const pull = pulls[copy.peerId];
        if (pull === undefined || copy.state !== 'AVAILABLE') continue;
        await recordCopy(recorder, entry, copy, pull, nowMs);
        pulls = Object.fromEntries(Object.entries(pulls).filter(([peerId]) => peerId !== copy.peerId));
      }
      // While copies are being made the result is about to get better; it is recorded when things have settled.
      if (outcome.settled && isWorthRecording(recorded, result, nowMs)) await tellResult();
    } catch (error) {
      call.log.error({ error, dataset: entry.id }, 'Provenance of an audit could not be kept; it will be tried again');
    }
    if (pulls === entry.pulls && recorded === entry.recorded) return outcome;
    const changed = await store.update(entry.id, entry.manifestHash, (known) => ({ ...known, pulls, recorded }));
    return { ...outcome, entry: changed ?? entry };
  }
}

/** Health as the last audit found it. */
export function readHealth(entry: DatasetEntry, requiredCopies: number): DerivedHealth {
  return deriveHealth({
    copies: entry.copies,
    requiredCopies,
    totalChunkCount: entry.chunkCount,
    audited: entry.auditedAtMs !== null,
    outlook: entry.outlook,
  });
}

/** Every copy after an audit; a peer that left the directory counts as silent. */
function deriveCopies(
  known: DatasetEntry,
  peers: readonly StoragePeer[],
  evidence: ReadonlyMap<string, CopyEvidence>,
  nowMs: number,
): CopyEntry[] {
  const previous = new Map(known.copies.map((copy) => [copy.peerId, copy]));
  const listed = new Set(known.listedBy.map(({ peerId }) => peerId));
  const institutions = new Map(
    [...known.listedBy, ...known.copies, ...peers.map(({ id, institutionId }) => ({ peerId: id, institutionId }))].map(
      ({ peerId, institutionId }) => [peerId, institutionId],
    ),
  );
  const copies: CopyEntry[] = [];
  for (const [peerId, institutionId] of institutions) {
    const before = previous.get(peerId);
    const everListed = listed.has(peerId) || before?.everComplete === true;
    const seen = evidence.get(peerId) ?? {
      observation: { kind: 'SILENT' as const, problem: 'it is no longer registered' },
      challenged: false,
      owed: before?.owed ?? [],
    };
    const found = deriveCopyState(before, everListed, seen.observation);
    if (found === undefined) continue;
    copies.push({
      peerId,
      institutionId,
      ...found,
      silentSinceMs: found.answers ? null : (before?.silentSinceMs ?? nowMs),
      heldChunkCount: seen.observation.kind === 'ANSWERED' ? seen.observation.heldChunkCount : null,
      everComplete: everListed || found.state === 'AVAILABLE',
      lastAuditedAtMs: seen.challenged ? nowMs : (before?.lastAuditedAtMs ?? null),
      owed: seen.owed,
    });
  }
  const placeOf = ({ institutionId, peerId }: CopyEntry) => `${institutionId} ${peerId}`;
  return copies.sort((left, right) => (placeOf(left) < placeOf(right) ? -1 : 1));
}

/** Failed pulls after an audit: one that left no good copy is counted, a good copy clears its peer. */
function deriveFailures(
  known: DatasetEntry,
  copies: readonly CopyEntry[],
  ended: readonly EndedPull[],
  nowMs: number,
): DatasetEntry['failures'] {
  const failures = { ...known.failures };
  for (const { peerId, problem } of ended) {
    const attemptCount = (failures[peerId]?.attemptCount ?? 0) + 1;
    const reason = copies.find((copy) => copy.peerId === peerId)?.reason ?? 'nothing came of it';
    failures[peerId] = {
      attemptCount,
      nextAttemptAtMs: nowMs + retryDelayMs(attemptCount),
      problem: problem ?? `after the pull: ${reason}`,
    };
  }
  for (const { peerId, state } of copies) if (state === 'AVAILABLE') delete failures[peerId];
  return failures;
}

/** Pages whose chunks fit one HasChunks, and whose samples fit one Challenge, of each peer. A large dataset is one page. */
export function* paginate(entries: readonly DatasetEntry[], sampleChunks: number): Generator<DatasetEntry[]> {
  let page: DatasetEntry[] = [];
  let chunkCount = 0;
  let sampleCount = 0;
  for (const entry of entries) {
    const sample = Math.min(sampleChunks, entry.chunkCount);
    const full =
      page.length >= PAGE_DATASETS ||
      chunkCount + entry.chunkCount > MAX_REQUEST_CHUNKS ||
      sampleCount + sample > MAX_CHALLENGE_CHUNKS;
    if (full && page.length > 0) {
      yield page;
      page = [];
      chunkCount = 0;
      sampleCount = 0;
    }
    page.push(entry);
    chunkCount += entry.chunkCount;
    sampleCount += sample;
  }
  if (page.length > 0) yield page;
}
