import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  exportJWK,
  type FetchImplementation,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
  errors as joseErrors,
  jwtVerify,
  SignJWT,
} from 'jose';
import { createBoundedCache } from './bounded-cache.js';
import { writeFileDurably } from './durable-file.js';
import { SciclomaticError } from './errors.js';

/**
 * The caller token: a JWT (RFC 7519) signed with Ed25519 (RFC 8037) by which a gateway tells a subgraph who is asking.
 * It travels as `authorization: Bearer …`. Subgraphs need nothing but the gateway's JWKS (RFC 7517).
 */
export const CALLER_TOKEN_AUDIENCE = 'sciclomatic-subgraph';
/** Who asks when nobody signed in. */
export const ANONYMOUS_CALLER = 'anonymous';
/** Life of a token, in seconds: long enough for one request, too short to be worth stealing. */
export const CALLER_TOKEN_SECONDS = 60;
/** A token is signed once and re-used for this long, in milliseconds; what is left covers the longest request. */
const REUSE_MS = 25_000;
/** How far the clocks of gateway and subgraph may differ, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 5;
/** Callers whose tokens are remembered by a signer, and tokens remembered by a verifier. */
const MAX_REMEMBERED = 10_000;
/** Longest authorization header read, in characters; a token of ours has about 350. */
const MAX_AUTHORIZATION_LENGTH = 4096;

export interface CallerTokenSigner {
  /** Name of the gateway: claim `iss`. */
  readonly issuer: string;
  /** The public key, to be served at `/.well-known/jwks.json`. */
  readonly jwks: JSONWebKeySet;
  /** A token for the caller with at least 35 seconds left, without the word Bearer. */
  sign(caller: string): Promise<string>;
}

export interface CallerTokenSignerOptions {
  /** Ed25519. */
  readonly privateKey: KeyObject;
  /** Name of the gateway; the thumbprint of its key (RFC 7638) when absent. */
  readonly issuer?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Signs caller tokens. Signing costs about 80 µs, so a caller's token is re-used for part of its life. */
export async function createCallerTokenSigner(options: CallerTokenSignerOptions): Promise<CallerTokenSigner> {
  const { privateKey, now = Date.now } = options;
  const publicJwk = await exportJWK(createPublicKey(privateKey));
  const kid = await calculateJwkThumbprint(publicJwk);
  const issuer = options.issuer ?? kid;
  const remembered = createBoundedCache<string, { readonly token: Promise<string>; readonly reuseUntil: number }>(
    MAX_REMEMBERED,
  );
  const sign = (caller: string, atMs: number) => {
    const issuedAt = Math.floor(atMs / 1000);
    return new SignJWT()
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'JWT' })
      .setIssuer(issuer)
      .setSubject(caller)
      .setAudience(CALLER_TOKEN_AUDIENCE)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + CALLER_TOKEN_SECONDS)
      .setJti(randomUUID())
      .sign(privateKey);
  };
  return {
    issuer,
    jwks: { keys: [{ ...publicJwk, kid, alg: 'EdDSA', use: 'sig' }] },
    sign: (caller) => {
      const atMs = now();
      const known = remembered.get(caller);
      if (known && atMs < known.reuseUntil) return known.token;
      const token = sign(caller, atMs);
      remembered.set(caller, { token, reuseUntil: atMs + REUSE_MS });
      return token;
    },
  };
}

/**
 * The gateway's private key from a file (PKCS 8, PEM); created there at the first start, readable by its owner only.
 * @throws DATA_CORRUPT when the file holds something else
 */
export async function readCallerKey(path: string): Promise<KeyObject> {
  const pem = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw SciclomaticError.from(error);
  });
  if (pem === undefined) {
    const { privateKey } = generateKeyPairSync('ed25519');
    await writeFileDurably(path, privateKey.export({ format: 'pem', type: 'pkcs8' }), 0o600);
    return privateKey;
  }
  try {
    const privateKey = createPrivateKey(pem);
    if (privateKey.asymmetricKeyType === 'ed25519') return privateKey;
  } catch (error) {
    throw new SciclomaticError('DATA_CORRUPT', `${path} holds no private key that can be read`, { cause: error });
  }
  throw new SciclomaticError('DATA_CORRUPT', `${path} must hold an Ed25519 private key`);
}

export interface CallerTokenClaims {
  /** The gateway that vouches. */
  readonly issuer: string;
  /** Who asks. */
  readonly caller: string;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

export interface CallerTokenVerifier {
  /**
   * Who asks, from an authorization header.
   * @throws UNAUTHENTICATED when it is absent, expired, for another audience or not signed by a known gateway
   * @throws SOURCE_UNAVAILABLE when the gateway's keys cannot be fetched
   */
  verify(authorization: string | null | undefined): Promise<CallerTokenClaims>;
}

export interface CallerTokenVerifierOptions {
  /** The keys themselves, or where the gateway serves them (`…/.well-known/jwks.json`). */
  readonly jwks: JSONWebKeySet | URL;
  /** Gateways that are trusted; every holder of a key in `jwks` when absent. */
  readonly issuers?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Fetches the keys when `jwks` is a URL. */
  readonly fetch?: FetchImplementation;
}

/** Verifies caller tokens. Verifying costs about 170 µs, so a token that was found good is remembered until it ends. */
export function createCallerTokenVerifier(options: CallerTokenVerifierOptions): CallerTokenVerifier {
  const { now = Date.now } = options;
  const keys: JWTVerifyGetKey =
    options.jwks instanceof URL
      ? createRemoteJWKSet(options.jwks, options.fetch ? { [customFetch]: options.fetch } : {})
      : createLocalJWKSet(options.jwks);
  const remembered = createBoundedCache<string, CallerTokenClaims>(MAX_REMEMBERED);
  const verifyToken = async (token: string): Promise<CallerTokenClaims> => {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ['EdDSA'],
      audience: CALLER_TOKEN_AUDIENCE,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(now()),
      maxTokenAge: CALLER_TOKEN_SECONDS,
      requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat', 'jti'],
      ...(options.issuers ? { issuer: [...options.issuers] } : {}),
    });
    return { issuer: payload.iss ?? '', caller: payload.sub ?? '', expiresAtMs: (payload.exp ?? 0) * 1000 };
  };
  return {
    verify: async (authorization) => {
      const token = readBearerToken(authorization);
      const known = remembered.get(token);
      if (known) {
        if (now() < known.expiresAtMs + CLOCK_TOLERANCE_SECONDS * 1000) return known;
        remembered.delete(token);
        throw new SciclomaticError('UNAUTHENTICATED', 'The caller token has expired');
      }
      const claims = await verifyToken(token).catch((error: unknown) => {
        throw translate(error);
      });
      remembered.set(token, claims);
      return claims;
    },
  };
}

function readBearerToken(authorization: string | null | undefined): string {
  if (!authorization) throw new SciclomaticError('UNAUTHENTICATED', 'The caller token is missing');
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization.slice(0, MAX_AUTHORIZATION_LENGTH))?.[1];
  if (token === undefined) throw new SciclomaticError('UNAUTHENTICATED', 'The authorization header holds no token');
  return token;
}

function translate(error: unknown): SciclomaticError {
  if (error instanceof joseErrors.JWTExpired) {
    return new SciclomaticError('UNAUTHENTICATED', 'The caller token has expired', { cause: error });
  }
  const keysUnreachable =
    error instanceof joseErrors.JWKSTimeout ||
    !(error instanceof joseErrors.JOSEError) ||
    error.code === 'ERR_JOSE_GENERIC';
  if (keysUnreachable) {
    return new SciclomaticError('SOURCE_UNAVAILABLE', 'The keys of the gateway cannot be fetched', { cause: error });
  }
  return new SciclomaticError('UNAUTHENTICATED', 'The caller token is not signed by a gateway that is trusted here', {
    cause: error,
  });
}
