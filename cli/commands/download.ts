import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Agent, fetch } from 'undici';
import { readHttpError } from '../../clients/typescript/client.js';
import { ListFiles } from '../../clients/typescript/gen/operations.js';
import { readBundle } from '../../clients/typescript/read-bundle.js';
import { SciclomaticError } from '../../core/errors.js';
import { nodeCrypto } from '../../core/node-crypto.js';
import { formatBundle } from '../../formats/bundle.js';
import { createFileVerifier } from '../../formats/file-verifier.js';
import type { ManifestFile } from '../../formats/manifest.js';
import { assertSafePath } from '../../formats/safe-path.js';
import { type BytesVerifier, createChecksumVerifier } from '../checksum-verifier.js';
import { readVerifiedManifest } from '../read-verified-manifest.js';
import type { Session } from '../session.js';

export interface DownloadOptions {
  readonly out: string;
  readonly bundle?: string;
}

interface RemoteFile {
  readonly path: string;
  readonly sizeBytes?: number | null | undefined;
  readonly checksums: readonly { readonly algorithm: string; readonly value: string }[];
  readonly downloads?: readonly { readonly protocol: string; readonly url: string }[] | null | undefined;
}

/** Downloads that run side by side. */
const CONCURRENT_DOWNLOADS = 4;
/** Bodies may take hours; a connection that is silent for this long, in milliseconds, is cut. */
const SILENCE_MS = 60_000;

/**
 * `sc download`: fetches the files of a dataset. What the swarm holds is verified chunk by chunk against the signed
 * manifest as it comes; what only its source holds, against the source's checksums.
 */
export async function download(
  session: Session,
  datasetId: string,
  paths: readonly string[],
  options: DownloadOptions,
): Promise<void> {
  const wanted = await listWanted(session, datasetId, paths);
  const bundle = wanted.some(isInSwarm)
    ? await readBundle(session.client, datasetId, { signal: session.signal })
    : undefined;
  const manifest = bundle && new Map(readVerifiedManifest(bundle).files.map((file) => [file.path, file]));
  const sizes = wanted.map(({ sizeBytes }) => sizeBytes ?? 0);
  const progress = session.output.progress(
    `download of ${wanted.length} files`,
    sizes.reduce((sum, size) => sum + size, 0),
  );
  const agent = new Agent({ connections: CONCURRENT_DOWNLOADS, bodyTimeout: SILENCE_MS, headersTimeout: SILENCE_MS });
  let doneBytes = 0;
  const received = (bytes: number) => {
    doneBytes += bytes;
    progress.update(doneBytes);
  };
  const waiting = [...wanted];
  const results: { path: string; sizeBytes: number; verifiedBy: string }[] = [];
  const downloadNext = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift())
      results.push(await downloadFile(session, agent, file, manifest?.get(file.path), options.out, received));
  };
  try {
    await Promise.all(Array.from({ length: CONCURRENT_DOWNLOADS }, downloadNext));
  } finally {
    await agent.close();
  }
  progress.end();
  if (bundle && options.bundle !== undefined) await writeText(options.bundle, formatBundle(bundle));
  const unverified = results.filter(({ verifiedBy }) => verifiedBy === 'nothing').map(({ path }) => path);
  for (const path of unverified)
    session.output.remark(`warning: ${path} could not be verified: its source states no checksum that is a hash`);
  session.output.result({ datasetId, files: results.sort((a, b) => (a.path < b.path ? -1 : 1)) }, [
    `${results.length} files in ${options.out}, ${results.length - unverified.length} verified`,
  ]);
}

const isInSwarm = (file: RemoteFile): boolean =>
  file.downloads?.some(({ protocol }) => protocol === 'SWARM_HTTP') ?? false;

async function listWanted(session: Session, id: string, paths: readonly string[]): Promise<RemoteFile[]> {
  const files: RemoteFile[] = [];
  for await (const file of session.client.paginate(
    ListFiles,
    { id, first: 1000, after: null },
    (data) => data.dataset?.files,
    { signal: session.signal },
  )) {
    if (paths.length === 0 || paths.includes(file.path)) files.push(file);
  }
  const missing = paths.filter((path) => !files.some((file) => file.path === path));
  if (missing.length > 0) throw new SciclomaticError('NOT_FOUND', `${id} has no file ${missing.join(', ')}`);
  return files;
}

async function downloadFile(
  session: Session,
  agent: Agent,
  file: RemoteFile,
  inManifest: ManifestFile | undefined,
  out: string,
  received: (bytes: number) => void,
): Promise<{ path: string; sizeBytes: number; verifiedBy: string }> {
  assertSafePath(file.path);
  const target = join(out, file.path);
  const ways = file.downloads ?? [];
  let failure: unknown = new SciclomaticError('NOT_FOUND', `Nobody offers the bytes of ${file.path}`);
  for (const { protocol, url } of ways) {
    const inSwarm = protocol === 'SWARM_HTTP' && inManifest !== undefined;
    const verifier: BytesVerifier = inSwarm
      ? createFileVerifier(inManifest, nodeCrypto)
      : createChecksumVerifier(file.path, file.checksums);
    try {
      const sizeBytes = await fetchTo(target, url, agent, verifier, session, received);
      return { path: file.path, sizeBytes, verifiedBy: inSwarm ? 'manifest' : (verifier.verifiedBy ?? 'nothing') };
    } catch (error) {
      if (session.signal.aborted) throw error;
      failure = error;
    }
  }
  throw failure;
}

/** Writes beside the target and renames when every byte was verified: a target that is there is right. */
async function fetchTo(
  target: string,
  url: string,
  agent: Agent,
  verifier: BytesVerifier,
  session: Session,
  received: (bytes: number) => void,
): Promise<number> {
  const response = await fetch(new URL(url, session.server), { dispatcher: agent, signal: session.signal });
  if (!response.ok || !response.body) throw await readHttpError(response);
  await mkdir(dirname(target), { recursive: true });
  const partial = `${target}.partial`;
  let sizeBytes = 0;
  const file = await open(partial, 'w');
  try {
    for await (const bytes of response.body) {
      verifier.push(bytes as Uint8Array);
      await file.write(bytes as Uint8Array);
      sizeBytes += (bytes as Uint8Array).byteLength;
      received((bytes as Uint8Array).byteLength);
    }
    verifier.end();
    await file.sync();
    await file.close();
    await rename(partial, target);
    return sizeBytes;
  } catch (error) {
    received(-sizeBytes);
    await file.close().catch(() => undefined);
    await rm(partial, { force: true });
    throw SciclomaticError.from(error, 'SOURCE_UNAVAILABLE', { source: new URL(url, session.server).host });
  }
}

async function writeText(path: string, text: string): Promise<void> {
  const dir = dirname(path);
  if (!(await stat(dir).catch(() => undefined))) await mkdir(dir, { recursive: true });
  const file = await open(path, 'w');
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}
