import { SciclomaticError } from '../../core/errors.js';
import { concatBytes } from '../bytes.js';
import { type FormatCrypto, HASH_BYTES } from '../crypto.js';
import { assertIndex, nodeHash, type ReadHash } from './tree.js';

/** Hashes of a full tile, entries of a full bundle (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;
/** Levels of the tree that one level of tiles spans: 2^8 = 256. */
const TILE_HEIGHT = 8;
const MAX_TILE_LEVEL = 63;
/** Longest entry, in bytes: its length is written as a uint16. */
export const MAX_ENTRY_BYTES = 65_535;

/** A file of the log. `width` is 256 for a full one, else 1 to 255. */
export interface TileName {
  /** Hashes of level 0 and up, or the entries themselves. */
  readonly level: number | 'entries';
  /** Position within the level. */
  readonly index: number;
  readonly width: number;
}

/** `tile/<L>/<N>[.p/<W>]` with N in groups of three digits: `tile/0/x001/x234/067.p/8`. @throws BAD_INPUT */
export function tilePath({ level, index, width }: TileName): string {
  assertIndex(index, 'Tile index');
  if (level !== 'entries' && !(Number.isInteger(level) && level >= 0 && level <= MAX_TILE_LEVEL)) {
    throw new SciclomaticError('BAD_INPUT', `Tile level ${level} is none`);
  }
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) {
    throw new SciclomaticError('BAD_INPUT', `Tile width ${width} is none`);
  }
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/\d{3}/g) ?? [];
  const path = groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`)).join('/');
  return `tile/${level}/${path}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

const TILE_PATH = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/;

/** Reads a path from outside; only the one spelling that `tilePath` gives is accepted. @throws BAD_INPUT */
export function parseTilePath(path: string): TileName {
  const [, level, groups = '', width] = TILE_PATH.exec(path) ?? [];
  const name: TileName = {
    level: level === 'entries' ? level : Number(level),
    index: Number(groups.replaceAll(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  if (level === undefined || !Number.isSafeInteger(name.index) || tilePath(name) !== path) {
    throw new SciclomaticError('BAD_INPUT', `${JSON.stringify(path.slice(0, 200))} is no tile of a log`);
  }
  return name;
}

/** How many hashes (or entries) that level has in a tree of that size. */
export const countAtLevel = (level: TileName['level'], size: number): number =>
  level === 'entries' ? size : Math.floor(size / TILE_WIDTH ** level);

/** The tile or bundle at that place in a tree of that size, full or partial; undefined when the tree does not reach it. */
export function tileAt(level: TileName['level'], index: number, size: number): TileName | undefined {
  const width = Math.min(TILE_WIDTH, countAtLevel(level, size) - index * TILE_WIDTH);
  return width > 0 ? { level, index, width } : undefined;
}

/** Every tile and bundle that a tree of `size` has and one of `oldSize` has not: entries first, then hashes upwards. */
export function* listNewTiles(oldSize: number, size: number): Generator<TileName> {
  for (const level of ['entries' as const, ...Array.from({ length: MAX_TILE_LEVEL + 1 }, (_, index) => index)]) {
    const oldCount = countAtLevel(level, oldSize);
    const count = countAtLevel(level, size);
    if (count === 0) return;
    if (count === oldCount) continue;
    for (let index = Math.floor(oldCount / TILE_WIDTH); index * TILE_WIDTH < count; index += 1) {
      const tile = tileAt(level, index, size);
      if (tile !== undefined) yield tile;
    }
  }
}

/** Every complete subtree within one tile. */
export interface TileSubtrees {
  /** Hash of the 2^height hashes of the tile from index × 2^height on; a copy. */
  read(height: number, index: number): Uint8Array;
}

/** Hashes a tile's subtrees once, so that many proofs can be read out of it; 16 KiB for a full tile. */
export function hashTile(hashes: readonly Uint8Array[], crypto: Pick<FormatCrypto, 'sha256'>): TileSubtrees {
  const starts: number[] = [];
  const packed = new Uint8Array(2 * hashes.length * HASH_BYTES);
  let level = hashes;
  for (let end = 0; level.length > 0; ) {
    starts.push(end);
    for (const hash of level) {
      packed.set(hash, end);
      end += HASH_BYTES;
    }
    const below = level;
    level = Array.from({ length: Math.floor(below.length / 2) }, (_, at) =>
      nodeHash(below[2 * at] as Uint8Array, below[2 * at + 1] as Uint8Array, crypto),
    );
  }
  return {
    read: (height, index) => {
      const start = (starts[height] ?? packed.length) + index * HASH_BYTES;
      return packed.slice(start, start + HASH_BYTES);
    },
  };
}

/** Reads subtrees of a tree of that size out of its tiles. */
export function createTileReader(size: number, readTile: (tile: TileName) => Promise<TileSubtrees>): ReadHash {
  return async (level, index) => {
    const tileLevel = Math.floor(level / TILE_HEIGHT);
    const height = level % TILE_HEIGHT;
    const start = index * 2 ** height;
    const tile = tileAt(tileLevel, Math.floor(start / TILE_WIDTH), size);
    const offset = start % TILE_WIDTH;
    if (tile === undefined || offset + 2 ** height > tile.width) {
      throw new SciclomaticError('NOT_FOUND', `A tree of ${size} entries has no subtree ${index} at level ${level}`);
    }
    return (await readTile(tile)).read(height, offset / 2 ** height);
  };
}

/** The hashes one after the other. */
export const encodeTile = (hashes: readonly Uint8Array[]): Uint8Array => concatBytes(...hashes);

/** @throws SOURCE_INVALID_ANSWER unless it is exactly `width` hashes long */
export function parseTile(bytes: Uint8Array, width: number): Uint8Array[] {
  if (bytes.length !== width * HASH_BYTES) {
    throw new SciclomaticError('SOURCE_INVALID_ANSWER', `A tile of ${width} hashes has ${bytes.length} bytes`);
  }
  return Array.from({ length: width }, (_, index) => bytes.slice(index * HASH_BYTES, (index + 1) * HASH_BYTES));
}

/** Entries one after the other, each after its length as a big-endian uint16. @throws LIMIT_EXCEEDED over MAX_ENTRY_BYTES */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    ...entries.flatMap((entry) => {
      if (entry.length > MAX_ENTRY_BYTES) {
        throw new SciclomaticError('LIMIT_EXCEEDED', `A log entry has at most ${MAX_ENTRY_BYTES} bytes`);
      }
      return [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry];
    }),
  );
}

/** @throws SOURCE_INVALID_ANSWER unless it holds exactly `width` whole entries */
export function parseEntryBundle(bytes: Uint8Array, width: number): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let offset = 0;
  while (offset < bytes.length && entries.length < width) {
    const length = ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
    const end = offset + 2 + length;
    if (end > bytes.length) break;
    entries.push(bytes.slice(offset + 2, end));
    offset = end;
  }
  if (entries.length !== width || offset !== bytes.length) {
    throw new SciclomaticError('SOURCE_INVALID_ANSWER', `An entry bundle does not hold exactly ${width} whole entries`);
  }
  return entries;
}
