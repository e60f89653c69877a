import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nodeCrypto } from '../../core/node-crypto.js';
import { decodeHex, encodeHex } from '../bytes.js';
import { nobleCrypto } from '../noble-crypto.js';
import { KNOWN_ENTRIES, KNOWN_ROOTS } from './known-tree.fixture.js';
import {
  type ConsistencyClaim,
  type InclusionClaim,
  proveConsistency,
  proveInclusion,
  verifyConsistency,
  verifyInclusion,
} from './proof.js';
import { leafHash, rootOf } from './tree.js';

const invalid = expect.objectContaining({ code: 'PROOF_INVALID' });
const leaves = Array.from({ length: 300 }, (_, index) => leafHash(Uint8Array.of(index >> 8, index), nodeCrypto));
const readHash = (level: number, index: number) =>
  rootOf(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level), nodeCrypto);
const rootAt = (size: number) => rootOf(leaves.slice(0, size), nodeCrypto);
const flip = (bytes: Uint8Array, bit: number) =>
  bytes.map((byte, index) => (index === (bit >> 3) % bytes.length ? byte ^ (1 << (bit & 7)) : byte));
const sizes = fc.oneof(
  fc.integer({ min: 1, max: 20 }),
  fc.integer({ min: 1, max: 300 }),
  fc.constantFrom(255, 256, 257),
);

async function claimInclusion(index: number, size: number): Promise<InclusionClaim> {
  const path = await proveInclusion(index, size, readHash, nodeCrypto);
  return { index, size, leafHash: leaves[index] ?? new Uint8Array(), path, root: rootAt(size) };
}

async function claimConsistency(oldSize: number, newSize: number): Promise<ConsistencyClaim> {
  const path = await proveConsistency(oldSize, newSize, readHash, nodeCrypto);
  return { oldSize, newSize, oldRoot: rootAt(oldSize), newRoot: rootAt(newSize), path };
}

/** Every way to spoil a path: a bit, a missing, doubled, foreign or swapped hash, a hash cut short. */
function spoilPath(path: readonly Uint8Array[], bit: number): Uint8Array[][] {
  const foreign = new Uint8Array(32).fill(7);
  return [
    ...path.map((hash, at) => path.with(at, flip(hash, bit))),
    ...path.map((_, at) => path.toSpliced(at, 1)),
    ...path.map((hash, at) => path.toSpliced(at, 0, hash)),
    ...path.map((hash, at) => path.with(at, hash.subarray(1))),
    ...path.slice(1).map((_, at) => path.with(at, path[at + 1] ?? foreign).with(at + 1, path[at] ?? foreign)),
    [...path, foreign],
    [foreign, ...path],
    [...path, new Uint8Array(0)],
  ];
}

const known = KNOWN_ENTRIES.map((entry) => leafHash(entry, nodeCrypto));
const readKnown = (level: number, index: number) =>
  rootOf(known.slice(index * 2 ** level, (index + 1) * 2 ** level), nodeCrypto);
const inclusionVectors: [number, number, string[]][] = [
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [
    1,
    5,
    [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
];
const consistencyVectors: [number, number, string[]][] = [
  [1, 1, []],
  [1, 8, inclusionVectors[1]?.[2] ?? []],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
  [
    6,
    7,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
];

describe('published proofs (transparency-dev/merkle: proof/verify_test.go)', () => {
  it.each(inclusionVectors)('inclusion of entry %d in a tree of %d', async (index, size, expected) => {
    const path = await proveInclusion(index, size, readKnown, nodeCrypto);
    expect(path.map(encodeHex)).toEqual(expected);
    const root = decodeHex(KNOWN_ROOTS[size - 1] ?? '');
    for (const crypto of [nodeCrypto, nobleCrypto]) {
      verifyInclusion({ index, size, leafHash: known[index] ?? new Uint8Array(), path, root }, crypto);
    }
  });

  it.each(consistencyVectors)('consistency of %d with %d', async (oldSize, newSize, expected) => {
    const path = await proveConsistency(oldSize, newSize, readKnown, nodeCrypto);
    expect(path.map(encodeHex)).toEqual(expected);
    const [oldRoot, newRoot] = [oldSize, newSize].map((size) => decodeHex(KNOWN_ROOTS[size - 1] ?? ''));
    if (!oldRoot || !newRoot) throw new Error('roots expected');
    for (const crypto of [nodeCrypto, nobleCrypto]) {
      verifyConsistency({ oldSize, newSize, oldRoot, newRoot, path }, crypto);
    }
  });
});

describe('inclusion', () => {
  it('holds for every entry, and for nothing else after any change', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), fc.nat({ max: 255 }), async (size, seed, bit) => {
        const claim = await claimInclusion(seed % size, size);
        verifyInclusion(claim, nodeCrypto);
        const altered: InclusionClaim[] = [
          ...spoilPath(claim.path, bit).map((path) => ({ ...claim, path })),
          { ...claim, leafHash: flip(claim.leafHash, bit) },
          { ...claim, root: flip(claim.root, bit) },
          ...[claim.index + 1, claim.index - 1, size, -1, 0.5, Number.NaN]
            .filter((index) => index !== claim.index)
            .map((index) => ({ ...claim, index })),
          ...[size * 2, 0, -1, claim.index].map((other) => ({ ...claim, size: other })),
        ];
        for (const one of altered) expect(() => verifyInclusion(one, nodeCrypto)).toThrow(invalid);
      }),
    );
  });

  it('of one entry is never that of another at any index', async () => {
    for (let size = 1; size <= 20; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const claim = await claimInclusion(index, size);
        for (let other = 0; other < size; other += 1) {
          if (other !== index) expect(() => verifyInclusion({ ...claim, index: other }, nodeCrypto)).toThrow(invalid);
        }
      }
    }
  });

  it('is not proved for entries that the tree has not', async () => {
    for (const [index, size] of [
      [0, 0],
      [3, 3],
    ] as const) {
      await expect(proveInclusion(index, size, readHash, nodeCrypto)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  });

  it('works beyond 32 bits', async () => {
    const size = 2 ** 40 + 3;
    // A tree of equal entries: all complete subtrees of a level are alike.
    const one = leaves[0] as Uint8Array;
    const cache: Uint8Array[] = [one];
    for (let level = 1; level <= 40; level += 1) {
      const below = cache[level - 1] ?? one;
      cache.push(rootOf([below, below], nodeCrypto));
    }
    const read = (level: number) => cache[level] ?? one;
    const right = rootOf([one, one, one], nodeCrypto);
    const root = rootOf([cache[40] ?? one, right], nodeCrypto);
    for (const index of [0, 2 ** 33 + 1, 2 ** 40 + 2]) {
      const path = await proveInclusion(index, size, read, nodeCrypto);
      verifyInclusion({ index, size, leafHash: one, path, root }, nodeCrypto);
    }
  });
});

describe('consistency', () => {
  it('holds between any two sizes, and for nothing else after any change', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, sizes, fc.nat({ max: 255 }), async (one, other, bit) => {
        const oldSize = Math.min(one, other);
        const newSize = Math.max(one, other);
        const claim = await claimConsistency(oldSize, newSize);
        verifyConsistency(claim, nodeCrypto);
        const altered: ConsistencyClaim[] = [
          ...spoilPath(claim.path, bit).map((path) => ({ ...claim, path })),
          { ...claim, oldRoot: flip(claim.oldRoot, bit) },
          { ...claim, newRoot: flip(claim.newRoot, bit) },
          { ...claim, oldSize: newSize + 1 },
          { ...claim, oldSize: -1 },
          { ...claim, newSize: Number.NaN },
          { ...claim, newSize: oldSize - 1 },
        ];
        if (oldSize !== newSize) {
          altered.push(
            { ...claim, oldRoot: claim.newRoot, newRoot: claim.oldRoot },
            { ...claim, newSize: newSize * 2 },
          );
          altered.push({ ...claim, oldSize: 0 });
        }
        for (const altering of altered) expect(() => verifyConsistency(altering, nodeCrypto)).toThrow(invalid);
      }),
    );
  });

  it('with the empty tree is trivial, and needs the empty root', async () => {
    const claim = await claimConsistency(0, 5);
    verifyConsistency(claim, nodeCrypto);
    verifyConsistency({ ...claim, newSize: 0, newRoot: claim.oldRoot }, nodeCrypto);
    for (const altered of [
      { ...claim, oldRoot: claim.newRoot },
      { ...claim, newSize: 0 },
      { ...claim, path: [claim.oldRoot] },
    ]) {
      expect(() => verifyConsistency(altered, nodeCrypto)).toThrow(invalid);
    }
  });

  it('does not hold between forks', async () => {
    const fork = leaves.with(2, leafHash(new Uint8Array(9), nodeCrypto));
    const claim = await claimConsistency(5, 9);
    const oldRoot = rootOf(fork.slice(0, 5), nodeCrypto);
    expect(() => verifyConsistency({ ...claim, oldRoot }, nodeCrypto)).toThrow(invalid);
    await expect(proveConsistency(9, 5, readHash, nodeCrypto)).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });
});
