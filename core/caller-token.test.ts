import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, SignJWT, UnsecuredJWT } from 'jose';
import {
  CALLER_TOKEN_AUDIENCE,
  createCallerTokenSigner,
  createCallerTokenVerifier,
  readCallerKey,
} from './caller-token.js';

const { privateKey } = generateKeyPairSync('ed25519');
const START = Date.UTC(2026, 0, 1);

function createClock() {
  let atMs = START;
  return { now: () => atMs, pass: (ms: number) => (atMs += ms) };
}

describe('a caller token', () => {
  it('says who asks, through whom, for whom and for how long', async () => {
    const clock = createClock();
    const signer = await createCallerTokenSigner({ privateKey, issuer: 'gateway-1', now: clock.now });
    const token = await signer.sign('anonymous');
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'EdDSA', kid: signer.jwks.keys[0]?.kid });
    expect(decodeJwt(token)).toEqual({
      iss: 'gateway-1',
      sub: 'anonymous',
      aud: CALLER_TOKEN_AUDIENCE,
      iat: START / 1000,
      exp: START / 1000 + 60,
      jti: expect.any(String),
    });
    const verifier = createCallerTokenVerifier({ jwks: signer.jwks, now: clock.now });
    expect(await verifier.verify(`Bearer ${token}`)).toEqual({
      issuer: 'gateway-1',
      caller: 'anonymous',
      expiresAtMs: START + 60_000,
    });
  });

  it('is signed once for part of its life, and one for each caller', async () => {
    const clock = createClock();
    const signer = await createCallerTokenSigner({ privateKey, now: clock.now });
    const first = await signer.sign('anonymous');
    clock.pass(24_000);
    expect(await signer.sign('anonymous')).toBe(first);
    expect(await signer.sign('someone')).not.toBe(first);
    clock.pass(2_000);
    expect(await signer.sign('anonymous')).not.toBe(first);
  });

  it('holds no private part in the keys that are served', async () => {
    const signer = await createCallerTokenSigner({ privateKey });
    expect(signer.jwks.keys).toEqual([
      { kty: 'OKP', crv: 'Ed25519', x: expect.any(String), kid: expect.any(String), alg: 'EdDSA', use: 'sig' },
    ]);
  });
});

describe('a verifier', () => {
  const refused = { code: 'UNAUTHENTICATED' };
  const createPair = async () => {
    const clock = createClock();
    const signer = await createCallerTokenSigner({ privateKey, issuer: 'gateway-1', now: clock.now });
    return { clock, signer, verifier: createCallerTokenVerifier({ jwks: signer.jwks, now: clock.now }) };
  };

  it('refuses what is absent or no token', async () => {
    const { verifier } = await createPair();
    for (const header of [
      null,
      undefined,
      '',
      'Bearer',
      'Basic dTpw',
      'Bearer a.b',
      `Bearer ${'a'.repeat(9000)}.b.c`,
    ]) {
      await expect(verifier.verify(header)).rejects.toMatchObject(refused);
    }
  });

  it('refuses a forged one', async () => {
    const { verifier, signer, clock } = await createPair();
    const stranger = await createCallerTokenSigner({
      privateKey: generateKeyPairSync('ed25519').privateKey,
      issuer: 'gateway-1',
      now: clock.now,
    });
    await expect(verifier.verify(`Bearer ${await stranger.sign('anonymous')}`)).rejects.toMatchObject(refused);
    const [head, , signature] = (await signer.sign('anonymous')).split('.');
    const claims = { ...decodeJwt(await signer.sign('anonymous')), sub: 'admin' };
    const altered = Buffer.from(JSON.stringify(claims)).toString('base64url');
    await expect(verifier.verify(`Bearer ${head}.${altered}.${signature}`)).rejects.toMatchObject(refused);
    const unsigned = new UnsecuredJWT(claims).encode();
    await expect(verifier.verify(`Bearer ${unsigned}`)).rejects.toMatchObject(refused);
    await expect(verifier.verify(`Bearer ${unsigned}x`)).rejects.toMatchObject(refused);
  });

  it('refuses one that has expired, also when it was good before', async () => {
    const { verifier, signer, clock } = await createPair();
    const header = `Bearer ${await signer.sign('anonymous')}`;
    await verifier.verify(header);
    clock.pass(64_000);
    await verifier.verify(header);
    clock.pass(2_000);
    await expect(verifier.verify(header)).rejects.toMatchObject(refused);
    const fresh = createCallerTokenVerifier({ jwks: signer.jwks, now: clock.now });
    await expect(fresh.verify(header)).rejects.toMatchObject(refused);
  });

  it('refuses another audience, another gateway, a longer life than ours, and missing claims', async () => {
    const { signer, clock } = await createPair();
    const kid = signer.jwks.keys[0]?.kid ?? '';
    const at = START / 1000;
    const good = { iss: 'gateway-1', sub: 'anonymous', aud: CALLER_TOKEN_AUDIENCE, iat: at, exp: at + 60, jti: '1' };
    const verifier = createCallerTokenVerifier({ jwks: signer.jwks, issuers: ['gateway-1'], now: clock.now });
    const verify = async (claims: object) => {
      const token = await new SignJWT({ ...claims }).setProtectedHeader({ alg: 'EdDSA', kid }).sign(privateKey);
      return verifier.verify(`Bearer ${token}`);
    };
    expect(await verify(good)).toMatchObject({ caller: 'anonymous' });
    await expect(verify({ ...good, aud: 'someone-else' })).rejects.toMatchObject(refused);
    await expect(verify({ ...good, iss: 'gateway-2' })).rejects.toMatchObject(refused);
    await expect(verify({ ...good, iat: at - 3600, exp: at + 3600 })).rejects.toMatchObject(refused);
    const { sub: _sub, ...nobody } = good;
    await expect(verify(nobody)).rejects.toMatchObject(refused);
  });

  it('fetches the keys from a URL, and tells a gateway that is down from a bad token', async () => {
    const { signer, clock } = await createPair();
    const jwks = new URL('http://gateway.test/.well-known/jwks.json');
    const header = `Bearer ${await signer.sign('anonymous')}`;
    const reachable = createCallerTokenVerifier({
      jwks,
      now: clock.now,
      fetch: () => Promise.resolve(Response.json(signer.jwks)),
    });
    expect(await reachable.verify(header)).toMatchObject({ caller: 'anonymous' });
    const down = createCallerTokenVerifier({
      jwks,
      now: clock.now,
      fetch: () => Promise.reject(new TypeError('fetch failed')),
    });
    await expect(down.verify(header)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });
});

describe('the key file', () => {
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sc-caller-key-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  it('is made at the first start, for its owner only, and read at the next', async () => {
    const path = join(dir, 'nested', 'caller-key.pem');
    const made = await readCallerKey(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const read = await readCallerKey(path);
    expect(read.equals(made)).toBe(true);
  });

  it('is never overwritten when it holds something else', async () => {
    const path = join(dir, 'other.pem');
    await writeFile(path, 'no key');
    await expect(readCallerKey(path)).rejects.toMatchObject({ code: 'DATA_CORRUPT' });
    await writeFile(path, generateKeyPairSync('x25519').privateKey.export({ format: 'pem', type: 'pkcs8' }));
    await expect(readCallerKey(path)).rejects.toMatchObject({ code: 'DATA_CORRUPT' });
    expect(await readFile(path, 'utf8')).toContain('PRIVATE KEY');
  });
});
