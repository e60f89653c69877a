import type { ManifestKey } from '../../adapters/swarm/peer-connection.js';
import type { HeldManifest, Swarm } from '../../adapters/swarm/swarm.js';
import { createBoundedCache } from '../../core/bounded-cache.js';
import { type Call, createCall, endCall } from '../../core/call.js';
import { type DatasetId, parseManifestHash, SWARM_REPOSITORY, splitDatasetId } from '../../core/ids.js';
import type { ManifestFile } from '../../formats/manifest.js';

/** A dataset that the swarm holds. */
export interface Holding extends HeldManifest {
  readonly filesByPath: ReadonlyMap<string, ManifestFile>;
}

/** What the swarm holds, as its peers say: they are the source of truth, an answer of theirs is used for a moment only. */
export interface Holdings {
  /** Undefined when no peer holds it. @throws SOURCE_UNAVAILABLE when no peer answers, MALFORMED_ID */
  find(datasetId: DatasetId, call: Call): Promise<Holding | undefined>;
  /** Asks anew next time. */
  forget(datasetId: DatasetId): void;
}

/** Datasets remembered: a page of search results and what is being downloaded. */
const MAX_REMEMBERED = 256;
/** How long the peers may take to answer, in milliseconds. */
const ASK_TIMEOUT_MS = 10_000;

export function createHoldings(swarm: Swarm, freshMs: number, now: () => number): Holdings {
  const known = createBoundedCache<
    DatasetId,
    { readonly askedAt: number; readonly answer: Promise<Holding | undefined> }
  >(MAX_REMEMBERED);
  const ask = async (datasetId: DatasetId, call: Call): Promise<Holding | undefined> => {
    const held = await swarm.findManifest(createKey(datasetId), call);
    if (held === undefined || held.signed.datasetId !== datasetId) return undefined;
    return { ...held, filesByPath: new Map(held.signed.manifest.files.map((file) => [file.path, file])) };
  };
  return {
    find: (datasetId, call) => {
      const last = known.get(datasetId);
      if (last && now() - last.askedAt < freshMs) return last.answer;
      // Shared by whoever asks meanwhile, so it must not end when the first of them leaves.
      const own = createCall({ log: call.log, requestId: call.requestId, timeoutMs: ASK_TIMEOUT_MS });
      const answer = ask(datasetId, own).finally(() => endCall(own));
      const entry = { askedAt: now(), answer };
      known.set(datasetId, entry);
      answer.catch(() => {
        if (known.get(datasetId) === entry) known.delete(datasetId);
      });
      return answer;
    },
    forget: (datasetId) => known.delete(datasetId),
  };
}

/** The id of a submitted dataset is its manifest's hash. */
function createKey(datasetId: DatasetId): ManifestKey {
  const { repository, localId } = splitDatasetId(datasetId);
  return repository === SWARM_REPOSITORY ? { hash: parseManifestHash(localId) } : { datasetId };
}
