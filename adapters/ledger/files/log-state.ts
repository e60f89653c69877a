import { SciclomaticError } from '../../../core/errors.js';
import { nodeCrypto } from '../../../core/node-crypto.js';
import { equalBytes } from '../../../formats/bytes.js';
import { type Checkpoint, verifyCheckpoint } from '../../../formats/tlog/checkpoint.js';
import type { VerifierKey } from '../../../formats/tlog/signed-note.js';
import {
  countAtLevel,
  createTileReader,
  encodeEntryBundle,
  encodeTile,
  hashTile,
  parseEntryBundle,
  parseTile,
  TILE_WIDTH,
  type TileName,
  tilePath,
} from '../../../formats/tlog/tile.js';
import { leafHash, readRoot, rootOf } from '../../../formats/tlog/tree.js';
import type { LedgerDisk } from './ledger-disk.js';

/** What a log must remember to grow: its size and the partial tiles at its right edge. Never changed in place. */
export interface LogState {
  readonly size: number;
  /** Hashes of the partial tile of each level, from 0 up; empty where the last tile is full. */
  readonly edges: readonly (readonly Uint8Array[])[];
  /** Entries of the partial bundle. */
  readonly entries: readonly Uint8Array[];
}

export interface TileFile {
  readonly name: TileName;
  readonly bytes: Uint8Array;
}

/** A log after growth, and the files to write before its checkpoint may be published. */
export interface LogGrowth {
  readonly state: LogState;
  readonly files: readonly TileFile[];
}

export const CHECKPOINT_PATH = 'checkpoint';
export const EMPTY_STATE: LogState = { size: 0, edges: [], entries: [] };

/** The log with these entries after it. Full tiles are hashed into the level above (C2SP tlog-tiles). */
export function growLog(state: LogState, entries: readonly Uint8Array[], leafHashes: readonly Uint8Array[]): LogGrowth {
  const bundles = cut('entries', state.size, state.entries, entries);
  const files: TileFile[] = bundles.pieces.map(({ name, items }) => ({ name, bytes: encodeEntryBundle(items) }));
  const edges = [...state.edges];
  let added = leafHashes;
  for (let level = 0; added.length > 0; level += 1) {
    const { pieces, edge } = cut(level, countAtLevel(level, state.size), edges[level] ?? [], added);
    files.push(...pieces.map(({ name, items }) => ({ name, bytes: encodeTile(items) })));
    edges[level] = edge;
    added = pieces.filter(({ name }) => name.width === TILE_WIDTH).map(({ items }) => rootOf(items, nodeCrypto));
  }
  return { state: { size: state.size + entries.length, edges, entries: bundles.edge }, files };
}

interface Cut<Item> {
  readonly pieces: readonly { readonly name: TileName; readonly items: readonly Item[] }[];
  readonly edge: readonly Item[];
}

/** Splits an edge and what follows it into tiles; `count` is how many items the level had, the edge included. */
function cut<Item>(level: TileName['level'], count: number, edge: readonly Item[], added: readonly Item[]): Cut<Item> {
  const items = [...edge, ...added];
  const first = Math.floor(count / TILE_WIDTH);
  const pieces = Array.from({ length: Math.ceil(items.length / TILE_WIDTH) }, (_, at) => {
    const piece = items.slice(at * TILE_WIDTH, (at + 1) * TILE_WIDTH);
    return { name: { level, index: first + at, width: piece.length }, items: piece };
  });
  return { pieces, edge: items.slice(items.length - (items.length % TILE_WIDTH)) };
}

/** Root of the log, from its edges alone: every subtree that the root is made of lies in one of them. */
export const readStateRoot = (state: LogState): Promise<Uint8Array> =>
  readRoot(
    state.size,
    createTileReader(state.size, async ({ level }) => hashTile(state.edges[Number(level)] ?? [], nodeCrypto)),
    nodeCrypto,
  );

export interface LoadedLog {
  readonly state: LogState;
  readonly checkpoint: Checkpoint;
  /** The signed note. */
  readonly note: string;
}

/**
 * The log as its checkpoint on disk says, with its edges read and checked against the signed root. Tiles beyond the
 * checkpoint, which a killed process may have left, are not looked at: they are overwritten when the log gets there.
 * @returns undefined when there is no checkpoint
 * @throws DATA_CORRUPT when the checkpoint is not signed by this key or the tiles do not lead to its root
 */
export async function loadLog(disk: LedgerDisk, logKey: VerifierKey): Promise<LoadedLog | undefined> {
  const bytes = await disk.read(CHECKPOINT_PATH);
  if (bytes === undefined) return undefined;
  const note = Buffer.from(bytes).toString('utf8');
  const checkpoint = readCheckpointNote(note, logKey);
  const { size, root } = checkpoint;
  const edges: Uint8Array[][] = [];
  for (let level = 0; countAtLevel(level, size) > 0; level += 1) {
    edges.push(await readEdge(disk, level, size, parseTile));
  }
  const entries = await readEdge(disk, 'entries', size, parseEntryBundle);
  const state: LogState = { size, edges, entries };
  const leaves = edges[0] ?? [];
  if (!entries.every((entry, at) => equalBytes(leafHash(entry, nodeCrypto), leaves[at] ?? new Uint8Array()))) {
    throw corrupt('the last entry bundle does not hash to its tile');
  }
  if (!equalBytes(await readStateRoot(state), root))
    throw corrupt('its tiles do not lead to the root of its checkpoint');
  return { state, checkpoint, note };
}

function readCheckpointNote(note: string, logKey: VerifierKey): Checkpoint {
  try {
    return verifyCheckpoint(note, logKey, nodeCrypto);
  } catch (error) {
    throw corrupt(`its checkpoint is not one signed by ${logKey.name}+${logKey.keyHash}`, error);
  }
}

async function readEdge(
  disk: LedgerDisk,
  level: TileName['level'],
  size: number,
  parse: (bytes: Uint8Array, width: number) => Uint8Array[],
): Promise<Uint8Array[]> {
  const count = countAtLevel(level, size);
  const width = count % TILE_WIDTH;
  return width === 0 ? [] : readTileFile(disk, { level, index: Math.floor(count / TILE_WIDTH), width }, parse);
}

/** One tile or bundle from disk. @throws DATA_CORRUPT when it is not there or not whole */
export async function readTileFile(
  disk: Pick<LedgerDisk, 'read'>,
  name: TileName,
  parse: (bytes: Uint8Array, width: number) => Uint8Array[],
): Promise<Uint8Array[]> {
  const bytes = await disk.read(tilePath(name));
  if (bytes === undefined) throw corrupt(`${tilePath(name)} is missing`);
  try {
    return parse(bytes, name.width);
  } catch (error) {
    throw corrupt(`${tilePath(name)} is damaged`, error);
  }
}

export const corrupt = (problem: string, cause?: unknown): SciclomaticError =>
  new SciclomaticError('DATA_CORRUPT', `The log on disk: ${problem}`, cause === undefined ? {} : { cause });
