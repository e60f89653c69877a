import { createPrivateKey, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createSigningKey, nodeCrypto } from '../../core/node-crypto.js';
import type { Signer } from '../crypto.js';
import { nobleCrypto } from '../noble-crypto.js';
import {
  createVerifierKey,
  formatSignatureLine,
  formatVerifierKey,
  parseNote,
  parseVerifierKey,
  signNote,
  verifyNote,
} from './signed-note.js';

/** Key and note on which Go's golang.org/x/mod/sumdb/note is tried; Ed25519 is deterministic, so the bytes must agree. */
const GO_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const GO_SEED = 'AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const GO_NOTE = `${GO_TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;

const key = createSigningKey();
const other = createSigningKey();
const keyOf = (signer: Signer, name = 'example.org/log') => createVerifierKey(name, signer.publicKey, nodeCrypto);
const note = signNote('one\n\ntwo\n', 'example.org/log', key, nodeCrypto);
const invalid = expect.objectContaining({ code: 'SIGNATURE_INVALID' });
const malformed = expect.objectContaining({ code: 'SOURCE_INVALID_ANSWER' });

describe('signed note', () => {
  it('is byte for byte what Go writes', () => {
    const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
    const seed = Buffer.from(GO_SEED, 'base64').subarray(1);
    const privateKey = createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' });
    const verifierKey = parseVerifierKey(GO_KEY, nodeCrypto);
    const signer: Signer = {
      publicKey: verifierKey.publicKey,
      keyId: '',
      sign: (message) => sign(null, message, privateKey),
    };
    expect(signNote(GO_TEXT, 'PeterNeumann', signer, nodeCrypto)).toBe(GO_NOTE);
    for (const crypto of [nodeCrypto, nobleCrypto]) {
      expect(verifyNote(GO_NOTE, [verifierKey], crypto).text).toBe(GO_TEXT);
    }
  });

  it('keeps every empty line of its text', () => {
    expect(parseNote(note).text).toBe('one\n\ntwo\n');
    expect(verifyNote(note, [keyOf(other), keyOf(key)], nodeCrypto).signedBy).toEqual([keyOf(key)]);
  });

  it('is refused after any single bit is changed', () => {
    const bytes = Buffer.from(note, 'utf8');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const altered = Buffer.from(bytes);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => verifyNote(altered.toString('utf8'), [keyOf(key)], nodeCrypto)).toThrow();
    }
  });

  it('ignores unknown keys and refuses when only they signed', () => {
    const foreign = signNote('one\n\ntwo\n', 'example.org/other', other, nodeCrypto).split('\n\n').at(-1) ?? '';
    expect(verifyNote(note + foreign, [keyOf(key)], nodeCrypto).signedBy).toHaveLength(1);
    expect(() => verifyNote(note, [keyOf(other)], nodeCrypto)).toThrow(invalid);
    expect(() => verifyNote(note, [keyOf(key, 'example.org/else')], nodeCrypto)).toThrow(invalid);
    expect(() => verifyNote(note, [], nodeCrypto)).toThrow(invalid);
  });

  it('is refused as a whole when a known key has a bad signature beside a good one', () => {
    const bad = formatSignatureLine({ ...keyOf(other), signature: new Uint8Array(64) });
    expect(() => verifyNote(note + bad, [keyOf(key), keyOf(other)], nodeCrypto)).toThrow(invalid);
    const short = formatSignatureLine({ ...keyOf(key), signature: new Uint8Array(3) });
    expect(() => verifyNote(note + short, [keyOf(key)], nodeCrypto)).toThrow(invalid);
  });

  it.each([
    '',
    'text\n',
    'text\n\n',
    'text\n\n— a b',
    'text\n\n- a AAAAAAA=\n',
    'text\n\n— a+b AAAAAAA=\n',
    'text\n\n— a AAAA\n',
    'text\n\n— a AAAAAAA\n',
    'text\n\n— a  AAAAAAA=\n',
    'te\txt\n\n— a AAAAAAA=\n',
    'text\r\n\n— a AAAAAAA=\n',
    `text\n\n${'— a AAAAAAA=\n'.repeat(101)}`,
  ])('is not parsed from %j', (text) => {
    expect(() => parseNote(text)).toThrow(malformed);
  });

  it('is not signed over text that cannot be a note', () => {
    for (const text of ['', 'no newline', 'tab\t\n', '\ud800\n']) {
      expect(() => signNote(text, 'a', key, nodeCrypto)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
    }
  });
});

describe('verifier key', () => {
  it('comes back from its text, and is refused after any change of it', () => {
    expect(formatVerifierKey(parseVerifierKey(GO_KEY, nobleCrypto))).toBe(GO_KEY);
    for (let at = 0; at < GO_KEY.length; at += 1) {
      const character = String.fromCharCode(GO_KEY.charCodeAt(at) + 1);
      for (const text of [
        GO_KEY.slice(0, at) + character + GO_KEY.slice(at + 1),
        GO_KEY.slice(0, at),
        GO_KEY.slice(at + 1),
      ]) {
        expect(() => parseVerifierKey(text, nodeCrypto)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
      }
    }
  });

  it.each([
    'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==',
    'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  ])('of a wrong length or type is refused although its hash fits: %s', (text) => {
    expect(() => parseVerifierKey(text, nodeCrypto)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });

  it.each(['', 'a b', 'a+b', 'a\u00a0b', 'a\n'])('is not made for the name %j', (name) => {
    expect(() => keyOf(key, name)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });
});
