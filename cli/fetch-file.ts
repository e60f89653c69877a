import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Dispatcher, fetch } from 'undici';
import { readHttpError } from '../clients/typescript/client.js';
import { SciclomaticError } from '../core/errors.js';
import { hexSha256 } from '../core/node-hashes.js';
import type { BytesVerifier } from './checksum-verifier.js';
import { onDisk } from './local-error.js';

/** Where a file is written until it is whole. No name of a dataset's file, and short, however long the file's own is. */
const partialOf = (target: string): string =>
  join(dirname(target), `.sc-${hexSha256(Buffer.from(basename(target))).slice(0, 16)}.partial`);

/** Failures after which the bytes so far are kept: the same command goes on from there. */
const RESUMABLE_CODES = new Set(['CANCELLED', 'SOURCE_UNAVAILABLE', 'DEADLINE_EXCEEDED', 'NOT_READY', 'RATE_LIMITED']);

export interface FetchFileOptions {
  readonly url: URL;
  readonly target: string;
  /** A fresh one for each attempt: it is given every byte from the file's start. */
  readonly createVerifier: () => BytesVerifier;
  /** False when nothing verifies the bytes: then none of an earlier run are used. */
  readonly mayResume: boolean;
  readonly agent: Dispatcher;
  readonly signal: AbortSignal;
  /** Told of bytes as they come, and of fewer than none when they were in vain. */
  readonly received: (bytes: number) => void;
}

/**
 * Writes beside the target and renames when every byte was verified: a target that is there is right. What was cut off
 * stays beside it, is verified again at the next run, and only the rest is asked for. Gives the file's size in bytes.
 * @throws CHECKSUM_MISMATCH, STORAGE_FULL, BAD_INPUT for a target that cannot be written, what the server says
 */
export async function fetchFile(options: FetchFileOptions): Promise<number> {
  const { target, mayResume } = options;
  const partial = partialOf(target);
  await onDisk(dirname(target), () => mkdir(dirname(target), { recursive: true }));
  const keptBytes = mayResume ? ((await stat(partial).catch(() => undefined))?.size ?? 0) : 0;
  if (keptBytes === 0) return fetchInto(partial, 0, options.createVerifier(), options);
  try {
    const verifier = options.createVerifier();
    for await (const bytes of createReadStream(partial)) verifier.push(bytes as Buffer);
    return await fetchInto(partial, keptBytes, verifier, options);
  } catch (error) {
    if (!(error instanceof SciclomaticError) || error.code !== 'CHECKSUM_MISMATCH') throw error;
    // Something else than the beginning of this file: once more from its start.
    return fetchInto(partial, 0, options.createVerifier(), options);
  }
}

/** @param keptBytes how many bytes of `partial` the verifier has been given */
async function fetchInto(
  partial: string,
  keptBytes: number,
  verifier: BytesVerifier,
  options: FetchFileOptions,
): Promise<number> {
  const { url, target, signal } = options;
  const rest = await request(options, keptBytes);
  if (rest === 'RESTART') return fetchInto(partial, 0, options.createVerifier(), options);
  let sizeBytes = keptBytes;
  options.received(keptBytes);
  const file = await onDisk(target, () => open(partial, keptBytes > 0 ? 'a' : 'w'));
  try {
    for await (const bytes of rest) {
      verifier.push(bytes);
      // Not write(), which may write a part only.
      await onDisk(target, () => file.writeFile(bytes));
      sizeBytes += bytes.byteLength;
      options.received(bytes.byteLength);
    }
    verifier.end();
    await onDisk(target, () => finish(file, partial, target));
    return sizeBytes;
  } catch (thrown) {
    options.received(-sizeBytes);
    await file.close().catch(() => undefined);
    const error = signal.aborted
      ? SciclomaticError.from(signal.reason, 'CANCELLED')
      : SciclomaticError.from(thrown, 'SOURCE_UNAVAILABLE', { source: url.host });
    if (!options.mayResume || !RESUMABLE_CODES.has(error.code)) await rm(partial, { force: true });
    throw error;
  }
}

async function finish(file: FileHandle, partial: string, target: string): Promise<void> {
  await file.sync();
  await file.close();
  await rename(partial, target);
}

/** The bytes from `offset` on; RESTART when the server does not go on from there. */
async function request(
  { url, agent, signal }: FetchFileOptions,
  offset: number,
): Promise<AsyncIterable<Uint8Array> | 'RESTART'> {
  const headers = offset > 0 ? { range: `bytes=${offset}-` } : {};
  const response = await fetch(url, { dispatcher: agent, signal, headers }).catch((error: unknown) => {
    if (signal.aborted) throw SciclomaticError.from(signal.reason, 'CANCELLED');
    throw new SciclomaticError('SOURCE_UNAVAILABLE', 'The server does not answer or cut the connection', {
      source: url.host,
      cause: error,
    });
  });
  const isRest =
    response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${offset}-`) === true;
  if (offset > 0 && !isRest && (response.ok || response.status === 416)) {
    await response.body?.cancel();
    return 'RESTART';
  }
  if (!response.ok || !response.body) throw await readHttpError(response);
  return response.body;
}
