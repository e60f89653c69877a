import { describe, expect, it } from '@jest/globals';
import { createSigningKey, nodeCrypto } from '../../core/node-crypto.js';
import { type Checkpoint, formatCheckpoint, parseCheckpoint, signCheckpoint, verifyCheckpoint } from './checkpoint.js';
import { createVerifierKey, signNote } from './signed-note.js';

const root = new Uint8Array(32).fill(9);
const checkpoint: Checkpoint = { origin: 'example.org/log', size: 20_852_163, root };
const key = createSigningKey();
const logKey = createVerifierKey('example.org/log', key.publicKey, nodeCrypto);
const malformed = expect.objectContaining({ code: 'SOURCE_INVALID_ANSWER' });

describe('checkpoint', () => {
  it('reads the example of the specification', () => {
    const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
    const parsed = parseCheckpoint(text);
    expect(parsed).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20_852_163 });
    expect(formatCheckpoint(parsed)).toBe(text);
  });

  it('comes back signed, with extension lines too', () => {
    const extended = { ...checkpoint, extensions: ['more'] };
    expect(verifyCheckpoint(signCheckpoint(checkpoint, key, nodeCrypto), logKey, nodeCrypto)).toEqual(checkpoint);
    expect(verifyCheckpoint(signCheckpoint(extended, key, nodeCrypto), logKey, nodeCrypto)).toEqual(extended);
  });

  it('is refused from another log, even when the key signed it', () => {
    const note = signNote(formatCheckpoint({ ...checkpoint, origin: 'else' }), 'example.org/log', key, nodeCrypto);
    expect(() => verifyCheckpoint(note, logKey, nodeCrypto)).toThrow(
      expect.objectContaining({ code: 'SIGNATURE_INVALID' }),
    );
  });

  const text = formatCheckpoint(checkpoint);
  it.each([
    '',
    'a\n1\n',
    text.slice(0, -1),
    `${text}\n`,
    text.replace('20852163', '020852163'),
    text.replace('20852163', '-1'),
    text.replace('20852163', '1e3'),
    text.replace('20852163', '9007199254740992'),
    text.replace('=', ''),
    text.replace('example.org/log', ''),
    'a\n1\nAAAA\n',
  ])('is not parsed from %j', (bad) => {
    expect(() => parseCheckpoint(bad)).toThrow(malformed);
  });

  it('is not written with a field that cannot be', () => {
    for (const change of [
      { origin: '' },
      { origin: 'a\nb' },
      { size: -1 },
      { size: 0.5 },
      { root: new Uint8Array(31) },
      { extensions: [''] },
    ]) {
      expect(() => formatCheckpoint({ ...checkpoint, ...change })).toThrow(
        expect.objectContaining({ code: 'BAD_INPUT' }),
      );
    }
  });
});
