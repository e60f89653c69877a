import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nodeCrypto } from '../../core/node-crypto.js';
import { encodeHex } from '../bytes.js';
import { nobleCrypto } from '../noble-crypto.js';
import { KNOWN_ENTRIES, KNOWN_ROOTS } from './known-tree.fixture.js';
import { leafHash, nodeHash, readRoot, rootOf } from './tree.js';

describe.each([
  ['node', nodeCrypto],
  ['noble', nobleCrypto],
])('RFC 6962 tree with %s', (_name, crypto) => {
  it('gives the published roots for 0 to 8 entries', () => {
    const leaves = KNOWN_ENTRIES.map((entry) => leafHash(entry, crypto));
    expect(encodeHex(rootOf([], crypto))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    KNOWN_ROOTS.forEach((root, index) => {
      expect(encodeHex(rootOf(leaves.slice(0, index + 1), crypto))).toBe(root);
    });
  });

  it('keeps leaves and nodes apart', () => {
    const leaf = leafHash(new Uint8Array(64), crypto);
    expect(encodeHex(nodeHash(new Uint8Array(32), new Uint8Array(32), crypto))).not.toBe(encodeHex(leaf));
  });
});

/** MTH as RFC 6962 section 2.1 states it, to hold the fast one against. */
function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return leaves[0] as Uint8Array;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split)), nodeCrypto);
}

describe('rootOf and readRoot', () => {
  it('agree with the recursive definition at every size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 600 }), async (size) => {
        const leaves = Array.from({ length: size }, (_, index) =>
          leafHash(Uint8Array.of(index >> 8, index), nodeCrypto),
        );
        const expected = naiveRoot(leaves);
        expect(rootOf(leaves, nodeCrypto)).toEqual(expected);
        const readHash = (level: number, index: number) =>
          rootOf(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level), nodeCrypto);
        expect(await readRoot(size, readHash, nodeCrypto)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });
});
