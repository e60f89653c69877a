import { randomUUID } from 'node:crypto';
import type { RootDatabase } from 'lmdb';
import type { DatasetId, ManifestHash } from '../../../core/ids.js';
import { commit } from '../../../core/lmdb.js';
import { hexSha256 } from '../../../core/node-hashes.js';
import type { SignedManifest } from '../../../formats/signed-manifest.js';
import { encodeSignedRecord } from '../../../formats/signed-record.js';

/** A signed manifest as it is kept: bytes that were verified when they came in. */
export interface StoredManifest {
  /** Grows by 1 with each manifest kept. */
  readonly sequence: number;
  readonly hash: ManifestHash;
  /** Signed record as UTF-8 JSON. */
  readonly recordJson: Uint8Array;
}

/** A peer's manifests, in LMDB. */
export interface ManifestStore {
  /** Names this store: sequence numbers mean something within it only. Drawn when it was made. */
  readonly epoch: string;
  has(hash: ManifestHash): boolean;
  /** On disk when it resolves. False when it was there already. */
  write(signed: SignedManifest): Promise<boolean>;
  readByHash(hash: ManifestHash): StoredManifest | undefined;
  /** The newest of the dataset, by the instant of its creation. */
  readByDataset(datasetId: DatasetId): StoredManifest | undefined;
  /** The next ones after a sequence number, in order. */
  list(afterSequence: number, limit: number): StoredManifest[];
  /** Of the last one on disk; 0 = there is none. */
  readLastSequence(): number;
  readCount(): number;
}

interface Newest {
  readonly sequence: number;
  readonly createdAtMs: number;
}

const EPOCH = 'epoch';

/** @param environment open for as long as the store is used */
export async function openManifestStore(environment: RootDatabase): Promise<ManifestStore> {
  const records = environment.openDB<Buffer, number>({ name: 'records', encoding: 'binary' });
  const hashes = environment.openDB<number, string>({ name: 'hashes' });
  const datasets = environment.openDB<Newest, string>({ name: 'datasets' });
  const state = environment.openDB<string, string>({ name: 'state' });
  const epoch = state.get(EPOCH) ?? randomUUID();
  await commit(environment, () => {
    void state.put(EPOCH, epoch);
  });
  const readLastSequence = (): number => [...records.getKeys({ reverse: true, limit: 1 })][0] ?? 0;
  let nextSequence = readLastSequence() + 1;

  const read = (sequence: number | undefined): StoredManifest | undefined => {
    const value = sequence === undefined ? undefined : records.get(sequence);
    return sequence === undefined || value === undefined ? undefined : decodeStored(sequence, value);
  };

  return {
    epoch,
    has: (hash) => hashes.get(hash) !== undefined,
    write: async (signed) => {
      const value = Buffer.concat([Buffer.from(signed.hash, 'hex'), encodeSignedRecord(signed.record)]);
      return commit(environment, () => {
        if (hashes.get(signed.hash) !== undefined) return false;
        const sequence = nextSequence++;
        const createdAtMs = Date.parse(signed.manifest.createdAt);
        void records.put(sequence, value);
        void hashes.put(signed.hash, sequence);
        const key = datasetKey(signed.datasetId);
        const before = datasets.get(key);
        if (before === undefined || before.createdAtMs <= createdAtMs)
          void datasets.put(key, { sequence, createdAtMs });
        return true;
      });
    },
    readByHash: (hash) => read(hashes.get(hash)),
    readByDataset: (datasetId) => read(datasets.get(datasetKey(datasetId))?.sequence),
    list: (afterSequence, limit) =>
      [...records.getRange({ start: afterSequence + 1, limit })].map(({ key, value }) => decodeStored(key, value)),
    readLastSequence,
    readCount: () => hashes.getCount(),
  };
}

/** LMDB's keys end at 1978 bytes; ids may be longer. */
const datasetKey = (datasetId: DatasetId): string => hexSha256(Buffer.from(datasetId));

const HASH_BYTES = 32;

function decodeStored(sequence: number, value: Buffer): StoredManifest {
  return {
    sequence,
    hash: value.toString('hex', 0, HASH_BYTES) as ManifestHash,
    // Copied: LMDB's own memory changes with the next read.
    recordJson: Uint8Array.from(value.subarray(HASH_BYTES)),
  };
}
