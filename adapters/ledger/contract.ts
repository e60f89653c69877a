import type { Call } from '../../core/call.js';

export interface LedgerSupports {
  /** Survives a restart of its process. */
  readonly persistent: boolean;
}

/** Longest entry, in bytes (tlog-tiles: a uint16 length prefix). */
export const MAX_ENTRY_BYTES = 65_535;

/**
 * An append-only log: RFC 6962 Merkle tree over opaque entries, as C2SP tlog-tiles. Implementations MUST give the same
 * index to the same bytes appended twice (append is idempotent), MUST have entries, tiles and the signed checkpoint on
 * disk before `append` resolves when `persistent`, and MUST never publish a checkpoint over entries that it cannot show.
 */
export interface Ledger {
  readonly supports: LedgerSupports;
  /** Name in the checkpoint's first line, e.g. `sciclomatic.example/log`. */
  readonly origin: string;
  /** Index of each entry, in order. @throws LIMIT_EXCEEDED over MAX_ENTRY_BYTES */
  append(entries: readonly Uint8Array[], call: Call): Promise<number[]>;
  /** The newest signed checkpoint: a C2SP signed note. */
  readCheckpoint(call: Call): Promise<string>;
  readSize(call: Call): Promise<number>;
  /** Entries start (inclusive) to end (exclusive), in order. @throws NOT_FOUND past the end */
  readEntries(start: number, end: number, call: Call): Promise<Uint8Array[]>;
  /** Audit path of the entry in the tree of that size, leaf to root. @throws NOT_FOUND */
  proveInclusion(index: number, size: number, call: Call): Promise<Uint8Array[]>;
  /** @throws NOT_FOUND */
  proveConsistency(oldSize: number, newSize: number, call: Call): Promise<Uint8Array[]>;
  close(): Promise<void>;
}
