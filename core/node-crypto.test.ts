import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nobleCrypto } from '../formats/noble-crypto.js';
import { createSigningKey, nodeCrypto, readOrCreateSigningKey } from './node-crypto.js';

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));

describe('nodeCrypto and nobleCrypto', () => {
  it.each([
    ['node', nodeCrypto],
    ['noble', nobleCrypto],
  ])('%s verifies test 2 of RFC 8032 section 7.1', (_name, crypto) => {
    const publicKey = hex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
    const signature = hex(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    );
    expect(crypto.verifyEd25519(publicKey, hex('72'), signature)).toBe(true);
    expect(crypto.verifyEd25519(publicKey, hex('73'), signature)).toBe(false);
    expect(crypto.verifyEd25519(publicKey.subarray(1), hex('72'), signature)).toBe(false);
    expect(crypto.verifyEd25519(publicKey, hex('72'), signature.subarray(1))).toBe(false);
    expect(crypto.verifyEd25519(new Uint8Array(32).fill(0xff), hex('72'), signature)).toBe(false);
  });

  it('agree on every hash, in one piece or several', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.nat(), (bytes, cut) => {
        const whole = Buffer.from(nodeCrypto.sha256(bytes)).toString('hex');
        expect(Buffer.from(nobleCrypto.sha256(bytes)).toString('hex')).toBe(whole);
        for (const crypto of [nodeCrypto, nobleCrypto]) {
          const hash = crypto.createSha256();
          hash.update(bytes.subarray(0, cut % (bytes.length + 1)));
          hash.update(bytes.subarray(cut % (bytes.length + 1)));
          expect(Buffer.from(hash.digest()).toString('hex')).toBe(whole);
        }
        expect(Buffer.from(nobleCrypto.blake3(bytes)).equals(nodeCrypto.blake3(bytes))).toBe(true);
      }),
    );
  });

  it('agree on every signature', () => {
    const key = createSigningKey();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat({ max: 511 }), (message, bit) => {
        const signature = Uint8Array.from(key.sign(message));
        const altered = signature.slice();
        altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        for (const crypto of [nodeCrypto, nobleCrypto]) {
          expect(crypto.verifyEd25519(key.publicKey, message, signature)).toBe(true);
          expect(crypto.verifyEd25519(key.publicKey, message, altered)).toBe(false);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('keep verifying with more keys than the cache holds', () => {
    const key = createSigningKey();
    const signature = key.sign(hex('00'));
    for (let index = 0; index < 1100; index += 1) {
      const unknown = new Uint8Array(32).fill(1);
      new DataView(unknown.buffer).setUint32(0, index);
      nodeCrypto.verifyEd25519(unknown, hex('00'), signature);
    }
    expect(nodeCrypto.verifyEd25519(key.publicKey, hex('00'), signature)).toBe(true);
  });
});

describe('readOrCreateSigningKey', () => {
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'node-crypto-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  it('gives the same key ever after, to all who start at once, in a file for its owner only', async () => {
    const file = join(dir, 'new', 'key.pem');
    const keys = await Promise.all(Array.from({ length: 8 }, () => readOrCreateSigningKey(file)));
    const again = await readOrCreateSigningKey(file);
    expect(new Set([...keys, again].map((key) => key.keyId)).size).toBe(1);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(dir, 'new'))).toEqual(['key.pem']);
    expect(await readFile(file, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    expect(nodeCrypto.verifyEd25519(again.publicKey, hex('01'), again.sign(hex('01')))).toBe(true);
  });

  it('refuses a file that holds no Ed25519 key, and leaves it as it is', async () => {
    const file = join(dir, 'bad.pem');
    await writeFile(file, 'not a key');
    await chmod(file, 0o600);
    await expect(readOrCreateSigningKey(file)).rejects.toMatchObject({ code: 'DATA_CORRUPT' });
    expect(await readFile(file, 'utf8')).toBe('not a key');
  });
});
