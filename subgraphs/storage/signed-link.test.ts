import { describe, expect, it } from '@jest/globals';
import { createLinkSigner } from './signed-link.js';

const key = Buffer.alloc(32, 1);

describe('a signed link', () => {
  const signer = createLinkSigner(key, () => 1000);

  it('holds for its purpose until it ends', () => {
    const query = new URLSearchParams(signer.sign(['GET file', 'a:b', 'c'], 2000));
    expect(() => signer.verify(['GET file', 'a:b', 'c'], query)).not.toThrow();
    const later = createLinkSigner(key, () => 2000);
    expect(() => later.verify(['GET file', 'a:b', 'c'], query)).toThrow(
      expect.objectContaining({ code: 'UNAUTHENTICATED' }),
    );
  });

  it('does not hold for another purpose, another key, another end, or half a signature', () => {
    const query = signer.sign(['GET file', 'a:b', 'c'], 2000);
    const refuse = (check: typeof signer, purpose: string[], text: string) =>
      expect(() => check.verify(purpose, new URLSearchParams(text))).toThrow(
        expect.objectContaining({ code: 'UNAUTHENTICATED' }),
      );
    refuse(signer, ['GET file', 'a:b', 'd'], query);
    refuse(signer, ['GET file', 'a:bc', ''], query);
    refuse(
      createLinkSigner(Buffer.alloc(32, 2), () => 1000),
      ['GET file', 'a:b', 'c'],
      query,
    );
    refuse(signer, ['GET file', 'a:b', 'c'], query.replace('2000', '3000'));
    refuse(signer, ['GET file', 'a:b', 'c'], query.slice(0, -8));
    refuse(signer, ['GET file', 'a:b', 'c'], 'expires=2000');
    refuse(signer, ['GET file', 'a:b', 'c'], '');
  });

  it('needs a key as long as its hash', () => {
    expect(() => createLinkSigner(Buffer.alloc(31), () => 0)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });
});
