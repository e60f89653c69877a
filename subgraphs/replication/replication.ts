import { type Call, createCall } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import { type Loop, startLoop } from '../../core/loop.js';
import { type AuditOutcome, Auditor, type AuditorOptions, readHealth } from './auditor.js';
import type { DatasetEntry } from './health-store.js';
import { type ShownHealth, showHealth } from './health-view.js';
import { readNewManifests } from './manifest-watch.js';
import { nextAttemptAtMs } from './repair-plan.js';
import { Repairer, type RepairerOptions } from './repairer.js';
import type { StoragePeer } from './storage-peer.js';

export interface ReplicationOptions
  extends Omit<AuditorOptions, 'listPulling'>,
    Pick<RepairerOptions, 'maxPulls' | 'stallMs' | 'log'> {
  readonly auditIntervalMs: number;
  readonly watchIntervalMs: number;
}

/** The auditor's own account of its work. */
export interface AuditorAccount {
  readonly datasetCount: number;
  readonly degradedCount: number;
  /** Milliseconds since the epoch. */
  readonly lastRoundAtMs: number | null;
}

/** New datasets that are audited together while a peer's list is read. */
const WATCH_BATCH = 64;

/**
 * Watches what peers keep, audits it and has missing copies made, until stopped. What it knows is on disk; what it does is
 * not: after a restart the first round finds again what was to be done.
 */
export class Replication {
  readonly #options: ReplicationOptions;
  readonly #auditor: Auditor;
  readonly #repairer: Repairer;
  /** Datasets with too few good copies, and when a failed pull of them may be tried again. */
  readonly #degraded = new Map<string, number | undefined>();
  /** Lists being read, by peer id: a slow peer holds up nobody but itself. */
  readonly #reading = new Map<string, Promise<void>>();
  readonly #stopped = new AbortController();
  readonly #rounds: Loop;
  readonly #watch: Loop;
  /** The peers and their health when last looked at. */
  #swarm: string | undefined;

  constructor(options: ReplicationOptions) {
    this.#options = options;
    const { log, store } = options;
    this.#repairer = new Repairer({
      ...options,
      listPeers: (call) => this.#auditor.listPeers(call),
      audit: async (datasetId, target, ended, call) => {
        await this.#readPeer(target, call);
        for (const outcome of await this.#auditor.auditDatasets([datasetId], call, ended)) this.#note(outcome);
      },
    });
    this.#auditor = new Auditor({
      ...options,
      listPulling: (datasetId) => new Set(this.#repairer.listPulls(datasetId).map(({ peerId }) => peerId)),
    });
    for (const page of store.listDatasets()) for (const entry of page) this.#noteHealth(entry);
    this.#rounds = startLoop('audit round', options.auditIntervalMs, log, () => this.#runRound());
    this.#watch = startLoop('manifest watch', options.watchIntervalMs, log, () => this.#look());
  }

  /** Health of each dataset, in order; null for those that the swarm does not hold. */
  async readHealth(ids: readonly string[]): Promise<(ShownHealth | null)[]> {
    const entries = await this.#options.store.readDatasets(ids);
    return entries.map((entry) =>
      entry === undefined ? null : showHealth(entry, this.#repairer.listPulls(entry.id), this.#options.requiredCopies),
    );
  }

  readAuditor(): AuditorAccount {
    const { store } = this.#options;
    return {
      datasetCount: store.countDatasets(),
      degradedCount: this.#degraded.size,
      lastRoundAtMs: store.readLastRoundAtMs(),
    };
  }

  /** Audits one dataset now; what it lacks is copied afterwards. @throws NOT_FOUND when the swarm does not hold it */
  async auditDataset(id: string, call: Call): Promise<void> {
    const outcomes = await this.#auditor.auditDatasets([id], call);
    if (outcomes.length === 0) throw new SciclomaticError('NOT_FOUND', `The swarm holds no dataset ${id}`);
    for (const outcome of outcomes) this.#note(outcome);
  }

  /** Looks at every peer, audits everything and waits for the copies that this begins. */
  async wake(): Promise<void> {
    await this.#watch.wake();
    await Promise.all(this.#reading.values());
    await this.#rounds.wake();
    await this.#repairer.idle();
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new SciclomaticError('CANCELLED', 'The auditor stops'));
    await Promise.all([this.#watch.stop(), this.#rounds.stop(), this.#repairer.stop()]);
    await Promise.all(this.#reading.values());
  }

  #createCall(): Call {
    return createCall({ log: this.#options.log, signal: this.#stopped.signal });
  }

  async #runRound(): Promise<void> {
    for await (const outcome of this.#auditor.auditAll(this.#createCall())) this.#note(outcome);
    await this.#options.store.writeLastRoundAtMs(this.#options.now());
  }

  /** One look at the swarm: who is there, what is new, what may be tried again. Does not wait for slow peers. */
  async #look(): Promise<void> {
    const call = this.#createCall();
    const peers = await this.#auditor.listPeers(call);
    for (const peer of peers) {
      if (!peer.healthy || this.#reading.has(peer.id)) continue;
      const reading = this.#readPeer(peer, call).finally(() => this.#reading.delete(peer.id));
      this.#reading.set(peer.id, reading);
    }
    const swarm = peers.map(({ id, address, healthy }) => `${id} ${address} ${healthy}`).join('\n');
    const changed = this.#swarm !== undefined && this.#swarm !== swarm;
    this.#swarm = swarm;
    // Somebody came or went: what could not be copied may be now, and what was safe may not be.
    if (changed) void this.#rounds.wake();
    else await this.#retry(call);
  }

  async #retry(call: Call): Promise<void> {
    const nowMs = this.#options.now();
    const due = [...this.#degraded].filter(([, retryAtMs]) => retryAtMs !== undefined && retryAtMs <= nowMs);
    for (const [id] of due) this.#degraded.set(id, undefined);
    if (due.length === 0) return;
    const ids = due.map(([id]) => id);
    for (const outcome of await this.#auditor.auditDatasets(ids, call)) this.#note(outcome);
  }

  /** Reads what the peer kept since the last time and audits it; a peer that fails is read again with the next look. */
  async #readPeer(peer: StoragePeer, call: Call): Promise<void> {
    let batch: string[] = [];
    const audit = async () => {
      const ids = batch;
      batch = [];
      if (ids.length === 0) return;
      for (const outcome of await this.#auditor.auditDatasets(ids, call)) this.#note(outcome);
    };
    try {
      for await (const datasetId of readNewManifests(this.#options.store, peer, call)) {
        if (batch.push(datasetId) >= WATCH_BATCH) await audit();
      }
    } catch (error) {
      const { code, message } = SciclomaticError.from(error);
      if (!call.signal.aborted)
        call.log.warn({ peer: peer.id, code, reason: message }, 'A peer’s list could not be read');
    }
    try {
      await audit();
    } catch (error) {
      if (!call.signal.aborted)
        call.log.warn({ error, peer: peer.id }, 'New datasets wait for the next round of audits');
    }
  }

  #note(outcome: AuditOutcome): void {
    this.#noteHealth(outcome.entry);
    this.#repairer.request(outcome);
  }

  #noteHealth(entry: DatasetEntry): void {
    const { missingCopies } = readHealth(entry, this.#options.requiredCopies);
    if (missingCopies === 0) this.#degraded.delete(entry.id);
    else this.#degraded.set(entry.id, nextAttemptAtMs(entry.failures));
  }
}
