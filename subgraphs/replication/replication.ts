import { type Call, createCall } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import { type Loop, startLoop } from '../../core/loop.js';
import { type AuditOutcome, Auditor, type AuditorOptions, type EndedPull, readHealth } from './auditor.js';
import type { DatasetEntry } from './health-store.js';
import { type ShownHealth, showHealth } from './health-view.js';
import { readNewManifests } from './manifest-watch.js';
import { nextPlanAtMs } from './repair-plan.js';
import { Repairer, type RepairerOptions } from './repairer.js';
import { describeSilence, type StoragePeer } from './storage-peer.js';

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

/** How long new datasets wait for the lists of peers that are slower, in milliseconds. */
const NEWS_WAIT_MS = 2000;

/**
 * Watches what peers keep, audits it and has missing copies made, until stopped. What it knows is on disk; what it does is
 * not: after a restart the first round finds again what was to be done.
 */
export class Replication {
  readonly #options: ReplicationOptions;
  readonly #auditor: Auditor;
  readonly #repairer: Repairer;
  /** Datasets with too few good copies, and when more may be done for them than at their last audit. */
  readonly #degraded = new Map<string, number | undefined>();
  /** Peers whose lists are being read: a slow one holds up nobody but itself. */
  readonly #reading = new Set<string>();
  /** Peers whose lists could not be read the last time. */
  readonly #unreadable = new Set<string>();
  /** Work that a look began and does not wait for. */
  readonly #tasks = new Set<Promise<void>>();
  /** New datasets that are not audited yet, and since when the oldest of them waits. */
  readonly #news = new Set<string>();
  #newsAtMs: number | undefined;
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
      audit: (ended, call) => this.#verify(ended, call),
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
    let found = false;
    for await (const outcome of this.#auditor.auditDatasets([id], call)) {
      found = true;
      this.#note(outcome);
    }
    if (!found) throw new SciclomaticError('NOT_FOUND', `The swarm holds no dataset ${id}`);
  }

  /** Looks at every peer, audits everything and waits for the copies that this begins. */
  async wake(): Promise<void> {
    await this.#watch.wake();
    await Promise.all(this.#tasks);
    await this.#rounds.wake();
    await this.#repairer.idle();
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new SciclomaticError('CANCELLED', 'The auditor stops'));
    await Promise.all([this.#watch.stop(), this.#rounds.stop(), this.#repairer.stop()]);
    await Promise.all(this.#tasks);
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
      this.#reading.add(peer.id);
      const task = this.#readPeer(peer, call)
        .finally(() => this.#reading.delete(peer.id))
        .then(() => this.#auditNews(call))
        .finally(() => this.#tasks.delete(task));
      this.#tasks.add(task);
    }
    await this.#auditNews(call);
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
    for await (const outcome of this.#auditor.auditDatasets(ids, call)) this.#note(outcome);
  }

  /** What a peer pulled is in its list of manifests now; that is read first, as without it nothing is a copy. */
  async #verify(ended: readonly EndedPull[], call: Call): Promise<void> {
    const targets = new Set(ended.map(({ peerId }) => peerId));
    const peers = (await this.#auditor.listPeers(call)).filter(({ id }) => targets.has(id));
    const pulled = new Set(ended.map(({ datasetId }) => datasetId));
    await Promise.all(peers.map((peer) => this.#readPeer(peer, call)));
    for (const id of pulled) this.#news.delete(id);
    for await (const outcome of this.#auditor.auditDatasets([...pulled], call, ended)) this.#note(outcome);
  }

  /** Notes what the peer kept since the last time; a peer that fails is read again with the next look. */
  async #readPeer(peer: StoragePeer, call: Call): Promise<void> {
    try {
      for await (const datasetId of readNewManifests(this.#options.store, peer, call)) {
        this.#newsAtMs ??= performance.now();
        this.#news.add(datasetId);
      }
      this.#unreadable.delete(peer.id);
    } catch (error) {
      if (call.signal.aborted || this.#unreadable.has(peer.id)) return;
      // Told once, not with every look while it lasts.
      this.#unreadable.add(peer.id);
      call.log.warn({ peer: peer.id, reason: describeSilence(error) }, 'A peer’s list cannot be read');
    }
  }

  /**
   * Audits what is new, once every list is read: a dataset that several peers list at once would else be copied to those
   * whose list comes last. A slow peer delays that for a moment only.
   */
  async #auditNews(call: Call): Promise<void> {
    const waitedMs = this.#newsAtMs === undefined ? 0 : performance.now() - this.#newsAtMs;
    if (this.#news.size === 0 || (this.#reading.size > 0 && waitedMs < NEWS_WAIT_MS)) return;
    const ids = [...this.#news];
    this.#news.clear();
    this.#newsAtMs = undefined;
    try {
      for await (const outcome of this.#auditor.auditDatasets(ids, call)) this.#note(outcome);
    } catch (error) {
      if (!call.signal.aborted) call.log.warn({ error }, 'New datasets wait for the next round of audits');
    }
  }

  #note(outcome: AuditOutcome): void {
    this.#noteHealth(outcome.entry);
    this.#repairer.request(outcome);
  }

  #noteHealth(entry: DatasetEntry): void {
    const { requiredCopies, silentPeerGraceMs } = this.#options;
    const { missingCopies } = readHealth(entry, requiredCopies);
    if (missingCopies === 0) this.#degraded.delete(entry.id);
    else this.#degraded.set(entry.id, nextPlanAtMs({ ...entry, silentPeerGraceMs, nowMs: entry.auditedAtMs ?? 0 }));
  }
}
