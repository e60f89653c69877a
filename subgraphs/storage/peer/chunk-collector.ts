import type { ChunkStore } from '../../../adapters/chunks/contract.js';
import { assertActive, type Call } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import type { ChunkId } from '../../../core/ids.js';
import { decodeBase64 } from '../../../formats/bytes.js';
import { parseManifest } from '../../../formats/manifest.js';
import { parseSignedRecord } from '../../../formats/signed-record.js';
import type { ChunkNames } from './chunk-names.js';
import type { ManifestStore, StoredManifest } from './manifest-store.js';
import { collectedBytes } from './metrics.js';
import { listChunkIds } from './missing-chunks.js';

/**
 * Removes the chunks that no manifest of this peer names, once nobody has written them or asked for them for a while: what
 * uploads that were never submitted and mirrors that failed for good leave behind.
 */
export interface ChunkCollector {
  /** The store through which everyone else MUST go: to write a chunk or to ask whether it is held keeps it for a while. */
  readonly chunks: ChunkStore;
  /** Keeps chunks, held or not, from being removed until the returned function is called. */
  hold(ids: readonly ChunkId[]): () => void;
  /** Looks through all chunks once. A manifest that cannot be read ends it with DATA_CORRUPT before anything is removed. */
  collect(call: Call): Promise<Collected>;
}

export interface Collected {
  readonly chunkCount: number;
  readonly sizeBytes: number;
}

export interface ChunkCollectorOptions {
  readonly chunks: ChunkStore;
  readonly manifests: ManifestStore;
  readonly names: ChunkNames;
  /** How long an unnamed chunk is kept after it was last written or asked for, in milliseconds. */
  readonly keptMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Chunks looked at before other work gets a turn. */
const CHUNKS_PER_TURN = 512;
/** Chunks removed at once: they share the syncs of the store, and leave the disk to others. */
const CONCURRENT_REMOVALS = 32;

export function createChunkCollector(options: ChunkCollectorOptions): ChunkCollector {
  const { chunks, manifests, names, keptMs, now } = options;
  const holds = new Set<ReadonlySet<ChunkId>>();
  /** Chunks that are being removed: no longer held, whatever the store still says. */
  const leaving = new Map<ChunkId, Promise<number>>();

  const noteNamed = async (call: Call): Promise<void> => {
    for (let stored = next(manifests, names); stored !== undefined; stored = next(manifests, names)) {
      assertActive(call);
      await names.addManifest(stored.sequence, readChunkIds(stored));
    }
  };

  const noteUnnamed = async (call: Call): Promise<void> => {
    let page: ChunkId[] = [];
    const note = async () => {
      const unknown = page.filter((id) => !names.isNamed(id) && names.readAskedAt(id) === undefined);
      if (unknown.length > 0) await names.addUnnamed(unknown, now());
      page = [];
      await new Promise(setImmediate);
    };
    for await (const id of chunks.list(call)) if (page.push(id) === CHUNKS_PER_TURN) await note();
    await note();
  };

  const isDue = (id: ChunkId): boolean =>
    now() - (names.readAskedAt(id) ?? now()) >= keptMs && ![...holds].some((held) => held.has(id));

  const remove = async (id: ChunkId, call: Call): Promise<number> => {
    try {
      const sizeBytes = await chunks.delete(id, call);
      await names.forgetUnnamed(id);
      return sizeBytes ?? 0;
    } finally {
      leaving.delete(id);
    }
  };

  /** Removes what is due of the chunks and gives the bytes of each; a failure is thrown when all are over. */
  const removeDue = async (ids: readonly ChunkId[], call: Call): Promise<number[]> => {
    while (manifests.readLastSequence() > names.readThrough()) await noteNamed(call);
    // From here to the marks nothing waits: what is judged unnamed and due leaves before anybody else gets a turn.
    const named = ids.filter(names.isNamed);
    const due = ids.filter((id) => !names.isNamed(id) && isDue(id));
    const removals = due.map((id) => {
      const removal = remove(id, call);
      leaving.set(id, removal);
      return removal;
    });
    const outcomes = await Promise.allSettled(removals);
    for (const id of named) await names.forgetUnnamed(id);
    return outcomes.map((removal) => {
      if (removal.status === 'rejected') throw SciclomaticError.from(removal.reason);
      return removal.value;
    });
  };

  return {
    chunks: {
      supports: chunks.supports,
      write: async (id, bytes, call) => {
        names.renew([id], now());
        await leaving.get(id)?.catch(() => undefined);
        return chunks.write(id, bytes, call);
      },
      has: async (ids, call) => {
        names.renew(ids, now());
        const gone = ids.map((id) => leaving.has(id));
        const held = await chunks.has(ids, call);
        return held.map((isHeld, position) => isHeld && gone[position] === false);
      },
      read: (id, call) => chunks.read(id, call),
      delete: (id, call) => chunks.delete(id, call),
      list: (call) => chunks.list(call),
      readUsage: () => chunks.readUsage(),
      close: () => chunks.close(),
    },
    hold: (ids) => {
      const held = new Set(ids);
      holds.add(held);
      return () => void holds.delete(held);
    },
    collect: async (call) => {
      await noteNamed(call);
      await noteUnnamed(call);
      const collected = { chunkCount: 0, sizeBytes: 0 };
      let ids = names.listUnnamed(undefined, CONCURRENT_REMOVALS);
      while (ids.length > 0) {
        assertActive(call);
        for (const sizeBytes of await removeDue(ids, call)) {
          collected.chunkCount += 1;
          collected.sizeBytes += sizeBytes;
          collectedBytes.inc(sizeBytes);
        }
        await new Promise(setImmediate);
        ids = names.listUnnamed(ids.at(-1), CONCURRENT_REMOVALS);
      }
      return collected;
    },
  };
}

/** The first manifest whose chunks are not noted yet. */
const next = (manifests: ManifestStore, names: ChunkNames): StoredManifest | undefined =>
  manifests.list(names.readThrough(), 1)[0];

/** Its signatures were verified when it came. @throws DATA_CORRUPT */
function readChunkIds({ hash, recordJson }: StoredManifest): ChunkId[] {
  try {
    return listChunkIds(parseManifest(decodeBase64(parseSignedRecord(recordJson).payload)));
  } catch (error) {
    throw new SciclomaticError('DATA_CORRUPT', `The stored manifest ${hash} cannot be read`, { cause: error });
  }
}
