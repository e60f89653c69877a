import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createSigningKey, nodeCrypto } from '../core/node-crypto.js';
import { decodeUtf8, encodeBase64, encodeUtf8 } from './bytes.js';
import { nobleCrypto } from './noble-crypto.js';
import {
  createKeyId,
  encodePreAuthentication,
  encodeSignedRecord,
  isSignedBy,
  MAX_PAYLOAD_BYTES,
  MAX_SIGNATURES,
  parseSignedRecord,
  type SignedRecord,
  signRecord,
  verifyRecord,
} from './signed-record.js';

const payloadType = 'application/vnd.sciclomatic.test+json';
const payload = encodeUtf8('{"a":1}');
const first = createSigningKey();
const second = createSigningKey();
const stranger = createSigningKey();
const record = signRecord(payloadType, payload, [first, second]);
const refused = expect.objectContaining({ code: 'SIGNATURE_INVALID' });
const verify = (one: SignedRecord, trustedKeys: readonly Uint8Array[] | 'EMBEDDED', crypto = nodeCrypto) =>
  verifyRecord(one, { payloadType, trustedKeys }, crypto);

describe('signed record', () => {
  it('signs the bytes that the DSSE protocol shows as its example', () => {
    const example = encodePreAuthentication('http://example.com/HelloWorld', encodeUtf8('hello world'));
    expect(decodeUtf8(example)).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  });

  it('is one message of less than 64 MiB, however long its payload and however many its signatures', () => {
    const keys = Array.from({ length: MAX_SIGNATURES }, () => createSigningKey());
    const empty = encodeSignedRecord(signRecord(`${'t'.repeat(128)}`, new Uint8Array(0), keys));
    expect(empty.length + encodeBase64(new Uint8Array(MAX_PAYLOAD_BYTES)).length).toBeLessThan(64 * 1024 * 1024);
  });

  it('is refused when it names a member twice, as another reader may take the other one', () => {
    const text = decodeUtf8(encodeSignedRecord(record));
    const other = encodeBase64(encodeUtf8('{"a":2}'));
    for (const twice of [`{"payload":"${other}",${text.slice(1)}`, `${text.slice(0, -1)},"payload":"${other}"}`]) {
      expect(() => parseSignedRecord(twice)).toThrow(expect.objectContaining({ code: 'SOURCE_INVALID_ANSWER' }));
    }
  });

  it('names keys alike on both sides', () => {
    expect(createKeyId(first.publicKey, nobleCrypto)).toBe(first.keyId);
  });

  it.each([
    ['node', nodeCrypto],
    ['noble', nobleCrypto],
  ])('verifies with %s and says who signed', (_name, crypto) => {
    const read = parseSignedRecord(encodeSignedRecord(record));
    const verified = verifyRecord(read, { payloadType, trustedKeys: [second.publicKey] }, crypto);
    expect(verified.payload).toEqual(payload);
    expect(isSignedBy(verified, second.publicKey)).toBe(true);
    expect(isSignedBy(verified, first.publicKey)).toBe(false);
    expect(verifyRecord(read, { payloadType, trustedKeys: 'EMBEDDED' }, crypto).signers).toHaveLength(2);
  });

  it('is refused when nobody trusted signed, when the type is another, or when no key is embedded', () => {
    expect(() => verify(record, [stranger.publicKey])).toThrow(refused);
    expect(() => verify(record, [])).toThrow(refused);
    expect(() => verifyRecord(record, { payloadType: 'x/y', trustedKeys: 'EMBEDDED' }, nodeCrypto)).toThrow(refused);
    const bare = { ...record, signatures: record.signatures.map(({ publicKey: _key, ...rest }) => rest) };
    expect(() => verify(bare, 'EMBEDDED')).toThrow(refused);
    expect(verify(bare, [first.publicKey]).payload).toEqual(payload);
  });

  it('is refused when a signature of one trusted key is bad although another is good', () => {
    const [good, other] = record.signatures;
    if (!good || !other) throw new Error('two signatures expected');
    const mixed = { ...record, signatures: [good, { ...other, signature: good.signature }] };
    expect(() => verify(mixed, [first.publicKey, second.publicKey])).toThrow(refused);
    expect(verify(mixed, [first.publicKey]).signers).toHaveLength(1);
  });

  it('does not verify after any change of payload, type, key or signature', () => {
    const single = signRecord(payloadType, payload, [first]);
    const [signature] = single.signatures;
    if (!signature) throw new Error('a signature expected');
    const flip = (text: string, at: number) => {
      const bytes = Buffer.from(text, 'base64');
      const position = at % (bytes.length * 8);
      bytes[position >> 3] = (bytes[position >> 3] ?? 0) ^ (1 << (position & 7));
      return bytes.toString('base64');
    };
    fc.assert(
      fc.property(fc.nat({ max: 511 }), (at) => {
        const altered: SignedRecord[] = [
          { ...single, payload: flip(single.payload, at) },
          { ...single, signatures: [{ ...signature, signature: flip(signature.signature, at) }] },
          { ...single, signatures: [{ ...signature, publicKey: flip(signature.publicKey ?? '', at) }] },
          { ...single, signatures: [{ ...signature, keyId: '0000000000000000' }] },
        ];
        for (const one of altered) expect(() => verify(one, 'EMBEDDED')).toThrow(refused);
        for (const one of altered.slice(0, 2)) expect(() => verify(one, [first.publicKey])).toThrow(refused);
      }),
    );
    const retyped = { ...single, payloadType: 'x/y' };
    expect(() => verifyRecord(retyped, { payloadType: 'x/y', trustedKeys: 'EMBEDDED' }, nodeCrypto)).toThrow(refused);
  });

  const signature = record.signatures[0];
  it.each<[string, unknown]>([
    ['no signature', { ...record, signatures: [] }],
    ['an unknown member', { ...record, more: 1 }],
    ['a payload that is no base64', { ...record, payload: '!' }],
    ['a short signature', { ...record, signatures: [{ ...signature, signature: 'AAAA' }] }],
    ['a short key', { ...record, signatures: [{ ...signature, publicKey: encodeBase64(new Uint8Array(31)) }] }],
    ['one key twice', { ...record, signatures: [signature, signature] }],
    ['a key id that is none', { ...record, signatures: [{ ...signature, keyId: 'x' }] }],
    ['a type with a space', { ...record, payloadType: 'a b' }],
  ])('is not parsed with %s', (_name, value) => {
    expect(() => parseSignedRecord(JSON.stringify(value), 'peer-1')).toThrow(
      expect.objectContaining({ code: 'SOURCE_INVALID_ANSWER', source: 'peer-1' }),
    );
  });

  it('is not parsed from what is no JSON, and not signed without a key', () => {
    expect(() => parseSignedRecord('<html>')).toThrow(expect.objectContaining({ code: 'SOURCE_INVALID_ANSWER' }));
    expect(() => signRecord(payloadType, payload, [])).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
    expect(() => signRecord(payloadType, payload, [first, first])).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT' }),
    );
  });
});
