import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_ENTRY_BYTES as LEDGER_ENTRY_BYTES } from '../../adapters/ledger/contract.js';
import { nodeCrypto } from '../../core/node-crypto.js';
import {
  countAtLevel,
  createTileReader,
  encodeEntryBundle,
  encodeTile,
  hashTile,
  listNewTiles,
  MAX_ENTRY_BYTES,
  parseEntryBundle,
  parseTile,
  parseTilePath,
  TILE_WIDTH,
  type TileName,
  tilePath,
} from './tile.js';
import { leafHash, readRoot, rootOf } from './tree.js';

const badInput = expect.objectContaining({ code: 'BAD_INPUT' });
const invalidAnswer = expect.objectContaining({ code: 'SOURCE_INVALID_ANSWER' });

describe('tile paths', () => {
  it.each<[TileName, string]>([
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 63, index: 1_234_067, width: 256 }, 'tile/63/x001/x234/067'],
    [{ level: 2, index: 1000, width: 1 }, 'tile/2/x001/000.p/1'],
    [{ level: 'entries', index: 999, width: 255 }, 'tile/entries/999.p/255'],
  ])('%j is %s', (name, path) => {
    expect(tilePath(name)).toBe(path);
    expect(parseTilePath(path)).toEqual(name);
  });

  it.each([
    'tile/64/000',
    'tile/00/000',
    'tile/0/0',
    'tile/0/x000/001',
    'tile/0/001/002',
    'tile/0/x001',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/07',
    'tile/entries/../000',
    '/tile/0/000',
    'tile/0/000/',
    'tile/0/x999/x999/x999/x999/x999/999',
    'checkpoint',
  ])('%s is refused', (path) => {
    expect(() => parseTilePath(path)).toThrow(badInput);
  });

  it('are refused for what is no tile', () => {
    for (const name of [
      { level: 64, index: 0, width: 1 },
      { level: 0, index: -1, width: 1 },
      { level: 0, index: 0, width: 0 },
      { level: 0, index: 0, width: 257 },
    ]) {
      expect(() => tilePath(name)).toThrow(badInput);
    }
  });
});

describe('listNewTiles', () => {
  it('is the example of the specification for 70,000 entries', () => {
    const tiles = [...listNewTiles(0, 70_000)].filter((tile) => tile.level !== 'entries');
    const count = (level: number, full: boolean) =>
      tiles.filter((tile) => tile.level === level && (tile.width === TILE_WIDTH) === full).map((tile) => tile.width);
    expect(count(0, true)).toHaveLength(273);
    expect(count(0, false)).toEqual([112]);
    expect(count(1, true)).toHaveLength(1);
    expect(count(1, false)).toEqual([17]);
    expect(count(2, false)).toEqual([1]);
    expect([...listNewTiles(0, 256)].map(tilePath)).toEqual(['tile/entries/000', 'tile/0/000', 'tile/1/000.p/1']);
  });

  it('added up over any growth are all tiles of the last size', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 70_000 }), { minLength: 1, maxLength: 5 }), (steps) => {
        const growth = [0, ...steps.sort((left, right) => left - right)];
        const seen = new Set<string>();
        growth.slice(1).forEach((size, at) => {
          for (const tile of listNewTiles(growth[at] ?? 0, size)) seen.add(tilePath(tile));
        });
        for (const tile of listNewTiles(0, growth.at(-1) ?? 0)) expect(seen).toContain(tilePath(tile));
      }),
      { numRuns: 30 },
    );
  });
});

describe('createTileReader', () => {
  const leaves = Array.from({ length: 66_000 }, (_, index) =>
    leafHash(Uint8Array.of(index >> 16, index >> 8, index), nodeCrypto),
  );
  const levels = [leaves];
  while ((levels.at(-1)?.length ?? 0) >= TILE_WIDTH) {
    const below = levels.at(-1) ?? [];
    const full = Math.floor(below.length / TILE_WIDTH);
    levels.push(
      Array.from({ length: full }, (_, at) => rootOf(below.slice(at * TILE_WIDTH, (at + 1) * TILE_WIDTH), nodeCrypto)),
    );
  }

  it('gives the root from tiles alone, at sizes around every edge', async () => {
    for (const size of [1, 2, 255, 256, 257, 511, 512, 1000, 65_535, 65_536, 65_537, 66_000]) {
      const existing = new Set([...listNewTiles(0, size)].map(tilePath));
      const readHash = createTileReader(size, (tile) => {
        if (!existing.has(tilePath(tile))) throw new Error(`${tilePath(tile)} does not exist at size ${size}`);
        const start = tile.index * TILE_WIDTH;
        return Promise.resolve(
          hashTile((levels[Number(tile.level)] ?? []).slice(start, start + tile.width), nodeCrypto),
        );
      });
      expect(await readRoot(size, readHash, nodeCrypto)).toEqual(rootOf(leaves.slice(0, size), nodeCrypto));
      await expect(readHash(0, size)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(countAtLevel(0, size)).toBe(size);
    }
  });
});

describe('tiles and bundles', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 20 }), (entries) => {
        expect(parseEntryBundle(encodeEntryBundle(entries), entries.length)).toEqual(entries);
        const hashes = entries.map((entry) => leafHash(entry, nodeCrypto)).map((hash) => Uint8Array.from(hash));
        expect(parseTile(encodeTile(hashes), hashes.length)).toEqual(hashes);
      }),
    );
  });

  it('are refused when cut short, too long or of another width', () => {
    const entries = [Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)];
    const bundle = encodeEntryBundle(entries);
    for (let length = 0; length < bundle.length; length += 1) {
      expect(() => parseEntryBundle(bundle.subarray(0, length), 3)).toThrow(invalidAnswer);
    }
    expect(() => parseEntryBundle(bundle, 2)).toThrow(invalidAnswer);
    expect(() => parseEntryBundle(bundle, 4)).toThrow(invalidAnswer);
    expect(() => parseTile(new Uint8Array(63), 2)).toThrow(invalidAnswer);
    expect(() => parseTile(new Uint8Array(96), 2)).toThrow(invalidAnswer);
  });

  it('hold entries up to the limit of the ledger contract', () => {
    expect(MAX_ENTRY_BYTES).toBe(LEDGER_ENTRY_BYTES);
    const largest = new Uint8Array(MAX_ENTRY_BYTES).fill(5);
    expect(parseEntryBundle(encodeEntryBundle([largest, largest]), 2)).toEqual([largest, largest]);
    expect(() => encodeEntryBundle([new Uint8Array(MAX_ENTRY_BYTES + 1)])).toThrow(
      expect.objectContaining({ code: 'LIMIT_EXCEEDED' }),
    );
  });
});
