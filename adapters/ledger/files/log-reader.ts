import { createBoundedCache } from '../../../core/bounded-cache.js';
import { assertActive, type Call } from '../../../core/call.js';
import { nodeCrypto } from '../../../core/node-crypto.js';
import { equalBytes } from '../../../formats/bytes.js';
import {
  createTileReader,
  hashTile,
  parseEntryBundle,
  parseTile,
  TILE_WIDTH,
  type TileName,
  type TileSubtrees,
  tileAt,
  tilePath,
} from '../../../formats/tlog/tile.js';
import { leafHash, type ReadHash } from '../../../formats/tlog/tree.js';
import type { LedgerDisk } from './ledger-disk.js';
import { corrupt, type LogState, readTileFile } from './log-state.js';

export interface LogReader {
  /** Entries start to end (exclusive), which must be within the log. @throws DATA_CORRUPT when they fail their hashes */
  readEntries(start: number, end: number, call: Call): Promise<Uint8Array[]>;
  readonly readHash: ReadHash;
}

/** Full tiles kept in memory, hashed: 512 × 16 KiB = 8 MiB, the upper levels and the paths last asked for. */
const CACHED_TILES = 512;

/** Reads full tiles from disk, and the partial ones at the edge from the state that is published. */
export function createLogReader(disk: LedgerDisk, published: () => { readonly state: LogState }): LogReader {
  const tiles = createBoundedCache<string, TileSubtrees>(CACHED_TILES);
  /** Partial tiles by their list of hashes, which each batch replaces. */
  const edges = new WeakMap<readonly Uint8Array[], TileSubtrees>();

  async function readTile(name: TileName, state: LogState): Promise<TileSubtrees> {
    const edge = state.edges[Number(name.level)];
    if (name.width < TILE_WIDTH && edge !== undefined) {
      const known = edges.get(edge) ?? hashTile(edge, nodeCrypto);
      edges.set(edge, known);
      return known;
    }
    const path = tilePath(name);
    const tile = tiles.get(path) ?? hashTile(await readTileFile(disk, name, parseTile), nodeCrypto);
    tiles.set(path, tile);
    return tile;
  }

  async function readBundle(name: TileName, state: LogState): Promise<readonly Uint8Array[]> {
    if (name.width < TILE_WIDTH) return state.entries;
    const entries = await readTileFile(disk, name, parseEntryBundle);
    const tile = await readTile({ ...name, level: 0 }, state);
    entries.forEach((entry, at) => {
      if (!equalBytes(leafHash(entry, nodeCrypto), tile.read(0, at))) {
        throw corrupt(`entry ${name.index * TILE_WIDTH + at} does not hash to its tile`);
      }
    });
    return entries;
  }

  return {
    readEntries: async (start, end, call) => {
      const { state } = published();
      const entries: Uint8Array[] = [];
      for (let index = Math.floor(start / TILE_WIDTH); index * TILE_WIDTH < end; index += 1) {
        assertActive(call);
        const name = tileAt('entries', index, state.size);
        if (name === undefined || start === end) break;
        const first = index * TILE_WIDTH;
        const bundle = await readBundle(name, state);
        entries.push(...bundle.slice(Math.max(0, start - first), end - first).map((entry) => entry.slice()));
      }
      return entries;
    },
    // The tree of the published size holds every subtree of every smaller one.
    readHash: (level, index) => {
      const { state } = published();
      return createTileReader(state.size, (name) => readTile(name, state))(level, index);
    },
  };
}
