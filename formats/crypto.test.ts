import { describe, expect, it } from '@jest/globals';
import { ed25519 } from '@noble/curves/ed25519.js';
import { createSigningKey, nodeCrypto } from '../core/node-crypto.js';
import { decodeHex } from './bytes.js';
import { nobleCrypto } from './noble-crypto.js';

/** Verdicts of Node's implementation and of the one for browsers. */
const verify = (key: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
  [nodeCrypto, nobleCrypto].map((crypto) => crypto.verifyEd25519(key, message, signature));

const withByte = (bytes: Uint8Array, position: number, change: (byte: number) => number): Uint8Array =>
  bytes.map((byte, at) => (at === position ? change(byte) : byte));

/** The order of the base point, 2^252 + 27742317777372353535851937790883648493 (RFC 8032 section 5.1). */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** The same signature with its second half, a number below the order, raised by the order. */
function addOrder(signature: Uint8Array): Uint8Array {
  const scalar = [...signature.subarray(32)].reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n) + ORDER;
  return signature.map((byte, at) => (at < 32 ? byte : Number((scalar >> BigInt(8 * (at - 32))) & 255n)));
}

describe('the implementations of Ed25519', () => {
  const key = createSigningKey();
  const message = new TextEncoder().encode('one message');
  const signature = key.sign(message);

  it('take a good signature and refuse every other', () => {
    expect(verify(key.publicKey, message, signature)).toEqual([true, true]);
    const wrong: [Uint8Array, Uint8Array, Uint8Array][] = [
      [key.publicKey, message.subarray(1), signature],
      [createSigningKey().publicKey, message, signature],
      [key.publicKey.subarray(1), message, signature],
      [key.publicKey, message, signature.subarray(1)],
      [key.publicKey, message, new Uint8Array(64)],
      [withByte(key.publicKey, 31, (byte) => byte ^ 0x80), message, signature],
      ...[0, 31, 32, 63].map((at): [Uint8Array, Uint8Array, Uint8Array] => [
        key.publicKey,
        message,
        withByte(signature, at, (byte) => byte ^ 1),
      ]),
    ];
    for (const one of wrong) expect(verify(...one)).toEqual([false, false]);
  });

  it('refuse the second spelling of a signature', () => {
    expect(verify(key.publicKey, message, addOrder(signature))).toEqual([false, false]);
  });

  const ff = 'ff'.repeat(30);
  it.each([
    ['of order 1', `01${'00'.repeat(31)}`],
    ['of order 1, the sign of x set', `01${'00'.repeat(30)}80`],
    ['of order 1, y not reduced', `ee${ff}7f`],
    ['of order 2', `ec${ff}7f`],
    ['of order 4', '00'.repeat(32)],
    ['of order 4, the sign of x set', `${'00'.repeat(31)}80`],
    ['of order 4, y not reduced', `ed${ff}7f`],
    ['of order 8', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
    ['of order 8, the other', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
    ['of order 8, the sign of x set', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85'],
  ])('refuse a key %s, under which anybody could sign', (_what, hex) => {
    const weak = decodeHex(hex);
    // R is the neutral element and S is 0: good for every message whose hash is a multiple of the key's order.
    const forged = Uint8Array.from({ length: 64 }, (_, at) => (at === 0 ? 1 : 0));
    for (let byte = 0; byte < 64; byte += 1) {
      expect(verify(weak, Uint8Array.of(byte), forged)).toEqual([false, false]);
    }
    if (!hex.startsWith('e')) expect(ed25519.Point.fromBytes(weak, true).isSmallOrder()).toBe(true);
  });
});
