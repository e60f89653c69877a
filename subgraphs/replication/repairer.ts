import { type Call, createCall } from '../../core/call.js';
import { createLimit, releaseLimit, renewLimit } from '../../core/call-limit.js';
import { SciclomaticError } from '../../core/errors.js';
import type { Logger } from '../../core/log.js';
import { decodeHex } from '../../formats/bytes.js';
import type { AuditOutcome, EndedPull } from './auditor.js';
import type { Random } from './chunk-sample.js';
import type { DatasetEntry, HealthStore } from './health-store.js';
import { pulls } from './metrics.js';
import type { StoragePeer } from './storage-peer.js';

/** A pull that waits or runs. */
export interface RunningPull {
  readonly peerId: string;
  readonly institutionId: string;
  readonly sourceId: string;
  /** Chunks that the peer says it has so far; null before it said anything. */
  readonly heldChunkCount: number | null;
}

export interface RepairerOptions {
  readonly store: HealthStore;
  /** Pulls that run at once. */
  readonly maxPulls: number;
  /** Longest silence of a pull, in milliseconds. */
  readonly stallMs: number;
  readonly random: Random;
  readonly now: () => number;
  readonly log: Logger;
  readonly listPeers: (call: Call) => Promise<readonly StoragePeer[]>;
  /** Verifies what came of these pulls by a challenge. */
  readonly audit: (ended: readonly EndedPull[], call: Call) => Promise<void>;
}

/** Pulls that are verified together: as many as a page of datasets. */
const VERIFY_BATCH = 64;

interface QueuedPull {
  readonly datasetId: string;
  readonly manifestHash: string;
  readonly sourceIds: readonly string[];
  pull: RunningPull;
}

/** Has peers copy what is missing, a few at a time; each pull is verified by an audit before it counts. */
export class Repairer {
  readonly #options: RepairerOptions;
  readonly #waiting: QueuedPull[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #ended: { readonly queued: QueuedPull; readonly pull: EndedPull }[] = [];
  #verifying: Promise<void> | undefined;
  /** Waiting and running pulls, by dataset id, then by peer id. */
  readonly #pulls = new Map<string, Map<string, QueuedPull>>();
  readonly #stopped = new AbortController();

  constructor(options: RepairerOptions) {
    this.#options = options;
  }

  /** Pulls of a dataset that wait or run. */
  listPulls(datasetId: string): RunningPull[] {
    return [...(this.#pulls.get(datasetId)?.values() ?? [])].map(({ pull }) => pull);
  }

  /** Queues what an audit found missing; a pull that is queued already is not queued again. */
  request({ entry, plan }: AuditOutcome): void {
    if (this.#stopped.signal.aborted) return;
    for (const { peerId, institutionId } of plan.targets) {
      const pulls = this.#pulls.get(entry.id) ?? new Map<string, QueuedPull>();
      if (pulls.has(peerId)) continue;
      // A source at random, so that the load of many pulls spreads over all good copies.
      const sourceId = plan.sourceIds[Math.floor(this.#options.random() * plan.sourceIds.length)];
      if (sourceId === undefined) continue;
      const queued: QueuedPull = {
        datasetId: entry.id,
        manifestHash: entry.manifestHash,
        sourceIds: [sourceId, ...plan.sourceIds.filter((id) => id !== sourceId)],
        pull: { peerId, institutionId, sourceId, heldChunkCount: null },
      };
      pulls.set(peerId, queued);
      this.#pulls.set(entry.id, pulls);
      this.#waiting.push(queued);
    }
    this.#startNext();
  }

  /** Resolves when nothing waits or runs. */
  async idle(): Promise<void> {
    while (this.#running.size > 0 || this.#verifying !== undefined) {
      await Promise.all([...this.#running, this.#verifying]);
    }
  }

  /** Breaks off what runs; the peers keep the chunks that they have, so that the next pull continues there. */
  async stop(): Promise<void> {
    this.#stopped.abort(new SciclomaticError('CANCELLED', 'The auditor stops'));
    this.#waiting.length = 0;
    await this.idle();
  }

  #startNext(): void {
    while (this.#running.size < this.#options.maxPulls) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      const run = this.#runNext(next).finally(() => {
        this.#running.delete(run);
        this.#startNext();
      });
      this.#running.add(run);
    }
  }

  async #runNext(queued: QueuedPull): Promise<void> {
    try {
      const pull = await this.#pull(queued);
      if (pull === undefined) this.#forget(queued);
      else this.#ended.push({ queued, pull });
      this.#verifying ??= this.#verify();
    } catch (error) {
      this.#forget(queued);
      this.#warn(error, queued.datasetId);
    }
  }

  /** Has what ended audited, all that waits at once, so that verifying many pulls costs few questions to the peers. */
  async #verify(): Promise<void> {
    // What ends in the same turn is verified together.
    await Promise.resolve();
    while (this.#ended.length > 0) {
      const batch = this.#ended.splice(0, VERIFY_BATCH);
      try {
        const call = createCall({ log: this.#options.log, signal: this.#stopped.signal });
        await this.#options.audit(
          batch.map(({ pull }) => pull),
          call,
        );
      } catch (error) {
        this.#warn(error, batch[0]?.pull.datasetId);
      } finally {
        for (const { queued } of batch) this.#forget(queued);
      }
    }
    this.#verifying = undefined;
  }

  #warn(error: unknown, dataset: string | undefined): void {
    if (this.#stopped.signal.aborted) return;
    this.#options.log.warn({ error, dataset }, 'A repair failed; the next audit plans it anew');
  }

  #forget({ datasetId, pull }: QueuedPull): void {
    const pulls = this.#pulls.get(datasetId);
    pulls?.delete(pull.peerId);
    if (pulls?.size === 0) this.#pulls.delete(datasetId);
  }

  /** Undefined when there was nothing to pull any more. */
  async #pull(queued: QueuedPull): Promise<EndedPull | undefined> {
    const { log, listPeers, store, now } = this.#options;
    const call = createCall({ log, signal: this.#stopped.signal });
    const peers = await listPeers(call);
    const target = peers.find(({ id }) => id === queued.pull.peerId);
    const source = queued.sourceIds.map((id) => peers.find((peer) => peer.id === id)).find((peer) => peer?.healthy);
    if (target === undefined || source === undefined) return undefined;
    queued.pull = { ...queued.pull, sourceId: source.id };
    const begun = { sourceId: source.id, startedAtMs: now() };
    const entry = await store.update(queued.datasetId, queued.manifestHash, (known) => ({
      ...known,
      pulls: { ...known.pulls, [target.id]: begun },
    }));
    // A newer manifest has taken its place.
    if (entry === undefined) return undefined;
    log.info({ dataset: entry.id, from: source.id, to: target.id }, 'A copy is being made');
    const problem = await this.#runPull(queued, entry, target, source, call);
    pulls.inc({ outcome: problem === undefined ? 'COPIED' : 'FAILED' });
    if (problem !== undefined) log.warn({ dataset: entry.id, to: target.id, problem }, 'A copy could not be made');
    return { datasetId: entry.id, peerId: target.id, problem };
  }

  /** Why the pull failed; undefined when the target says that it has everything. @throws CANCELLED when stopped */
  async #runPull(
    queued: QueuedPull,
    entry: DatasetEntry,
    target: StoragePeer,
    source: StoragePeer,
    call: Call,
  ): Promise<string | undefined> {
    const { stallMs } = this.#options;
    const signal = createLimit(call.signal, stallMs);
    try {
      const progress = target.pullDataset(decodeHex(entry.manifestHash), source.address, { ...call, signal });
      let complete = false;
      for await (const message of progress) {
        renewLimit(signal);
        complete = message.complete;
        queued.pull = { ...queued.pull, heldChunkCount: Number(message.heldChunkCount) };
      }
      return complete ? undefined : 'the pull ended before it was complete';
    } catch (error) {
      if (call.signal.aborted) throw error;
      if (signal.aborted) return `DEADLINE_EXCEEDED: no progress for ${stallMs} ms`;
      const { code, message } = SciclomaticError.from(error);
      return `${code}: ${message}`;
    } finally {
      releaseLimit(signal);
    }
  }
}
