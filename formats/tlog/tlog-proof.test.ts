import { describe, expect, it } from '@jest/globals';
import { createSigningKey, nodeCrypto } from '../../core/node-crypto.js';
import { encodeUtf8 } from '../bytes.js';
import { nobleCrypto } from '../noble-crypto.js';
import { signCheckpoint } from './checkpoint.js';
import { proveInclusion } from './proof.js';
import { createVerifierKey } from './signed-note.js';
import { formatTlogProof, parseTlogProof, type TlogProof, verifyTlogProof } from './tlog-proof.js';
import { leafHash, rootOf } from './tree.js';

const origin = 'example.org/log';
const key = createSigningKey();
const logKey = createVerifierKey(origin, key.publicKey, nodeCrypto);
const entries = Array.from({ length: 11 }, (_, index) => encodeUtf8(`entry ${index}`));
const leaves = entries.map((entry) => leafHash(entry, nodeCrypto));
const entry = entries[6] ?? new Uint8Array();

async function prove(index: number): Promise<TlogProof> {
  const readHash = (level: number, at: number) =>
    rootOf(leaves.slice(at * 2 ** level, (at + 1) * 2 ** level), nodeCrypto);
  const path = await proveInclusion(index, leaves.length, readHash, nodeCrypto);
  const checkpoint = signCheckpoint({ origin, size: leaves.length, root: rootOf(leaves, nodeCrypto) }, key, nodeCrypto);
  return { index, path: path.map((hash) => Uint8Array.from(hash)), checkpoint };
}

describe('tlog-proof', () => {
  it.each([
    ['node', nodeCrypto],
    ['noble', nobleCrypto],
  ])('of every entry comes back from its text and verifies with %s', async (_name, crypto) => {
    for (const [index, one] of entries.entries()) {
      const proof = await prove(index);
      expect(parseTlogProof(formatTlogProof(proof))).toEqual(proof);
      expect(verifyTlogProof(parseTlogProof(formatTlogProof(proof)), one, logKey, crypto).size).toBe(11);
    }
  });

  it('starts as the specification shows', async () => {
    const lines = formatTlogProof({ ...(await prove(6)), extra: Uint8Array.of(1) }).split('\n');
    expect(lines.slice(0, 3)).toEqual(['c2sp.org/tlog-proof@v1', 'extra AQ==', 'index 6']);
    expect(parseTlogProof(lines.join('\n')).extra).toEqual(Uint8Array.of(1));
  });

  it('is refused after any single bit of the text or of the entry is changed', async () => {
    const bytes = Buffer.from(formatTlogProof(await prove(6)), 'utf8');
    const flip = (source: Uint8Array, bit: number) => {
      const altered = Buffer.from(source);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return altered;
    };
    const codes = new Set<unknown>();
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      try {
        verifyTlogProof(parseTlogProof(flip(bytes, bit).toString('utf8')), entry, logKey, nodeCrypto);
        throw new Error(`bit ${bit} may be changed`);
      } catch (error) {
        codes.add((error as { code?: unknown }).code ?? error);
      }
    }
    expect(codes).toEqual(new Set(['SOURCE_INVALID_ANSWER', 'PROOF_INVALID', 'SIGNATURE_INVALID']));
    const proof = await prove(6);
    for (let bit = 0; bit < entry.length * 8; bit += 1) {
      expect(() => verifyTlogProof(proof, flip(entry, bit), logKey, nodeCrypto)).toThrow(
        expect.objectContaining({ code: 'PROOF_INVALID' }),
      );
    }
  });

  const hash = 'A'.repeat(43);
  it.each([
    '',
    'c2sp.org/tlog-proof@v2\nindex 0\n\nx\n',
    'c2sp.org/tlog-proof@v1\n\nx\n',
    'c2sp.org/tlog-proof@v1\nindex -5\n\nx\n',
    'c2sp.org/tlog-proof@v1\nindex 007\n\nx\n',
    'c2sp.org/tlog-proof@v1\nindex 9007199254740993\n\nx\n',
    'c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\nx\n',
    'c2sp.org/tlog-proof@v1\nindex 0\n!\n\nx\n',
    'c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx\n',
    `c2sp.org/tlog-proof@v1\nindex 0\n${`${hash}=\n`.repeat(65)}\nx\n`,
    'c2sp.org/tlog-proof@v1\nindex 0\n',
  ])('is not parsed from %j', (text) => {
    expect(() => parseTlogProof(text)).toThrow(expect.objectContaining({ code: 'SOURCE_INVALID_ANSWER' }));
  });
});
