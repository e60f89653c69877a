import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent } from 'undici';
import { ClientError } from '../../clients/typescript/client.js';
import { ListFiles } from '../../clients/typescript/gen/operations.js';
import { readBundle } from '../../clients/typescript/read-bundle.js';
import { readManifest } from '../../clients/typescript/read-manifest.js';
import { SciclomaticError } from '../../core/errors.js';
import { nodeCrypto } from '../../core/node-crypto.js';
import { formatBundle } from '../../formats/bundle.js';
import { createFileVerifier } from '../../formats/file-verifier.js';
import type { ManifestFile } from '../../formats/manifest.js';
import { assertSafePath } from '../../formats/safe-path.js';
import { type BytesVerifier, createChecksumVerifier } from '../checksum-verifier.js';
import { fetchFile } from '../fetch-file.js';
import { onDisk } from '../local-error.js';
import { formatQuantity } from '../output.js';
import { readVerifiedManifest } from '../read-verified-manifest.js';
import type { Session } from '../session.js';
import { writeText } from '../write-text.js';

export interface DownloadOptions {
  readonly out: string;
  readonly bundle?: string;
  /** Replaces files that are there and differ; without it nothing is fetched then. */
  readonly force?: boolean;
}

interface RemoteFile {
  readonly path: string;
  readonly sizeBytes?: number | null | undefined;
  readonly checksums: readonly { readonly algorithm: string; readonly value: string }[];
  readonly downloads?: readonly { readonly protocol: string; readonly url: string }[] | null | undefined;
}

/** A file to fetch and where it goes. */
interface Wanted {
  readonly file: RemoteFile;
  readonly inManifest: ManifestFile | undefined;
  readonly target: string;
}

/** What became of a file. `kept`: it was there already. */
interface Fetched {
  readonly path: string;
  readonly sizeBytes: number;
  /** manifest, the name of a hash that the source states, or nothing. */
  readonly verifiedBy: string;
  readonly kept: boolean;
}

/** Downloads that run side by side. */
const CONCURRENT_DOWNLOADS = 4;
/** Bodies may take hours; a connection that is silent for this long, in milliseconds, is cut. */
const SILENCE_MS = 60_000;
/** Codes after which no other file can fare better. */
const FATAL_CODES = new Set(['CANCELLED', 'STORAGE_FULL', 'BAD_INPUT']);

/**
 * `sc download`: fetches the files of a dataset. What the swarm holds is verified chunk by chunk against the signed
 * manifest as it comes; what only its source holds, against the source's checksums. Files that are there and verify are
 * kept; the rest of one that was cut off is fetched.
 * @throws CONFLICT when a file is there that differs, unless forced; of files that fail, the first error, after the others came
 */
export async function download(
  session: Session,
  datasetId: string,
  paths: readonly string[],
  options: DownloadOptions,
): Promise<void> {
  const files = await listFiles(session, datasetId, paths);
  const { client, signal } = session;
  // Without a bundle the log is not asked: what it proves is not needed to verify bytes.
  const bundle = options.bundle === undefined ? undefined : await readBundle(client, datasetId, { signal });
  const manifest = bundle
    ? readVerifiedManifest(bundle)
    : files.some(isInSwarm) && (await readManifest(client, datasetId, nodeCrypto, { signal })).manifest;
  const inManifest = new Map(manifest ? manifest.files.map((file) => [file.path, file]) : []);
  const wanted = files.map((file): Wanted => {
    assertSafePath(file.path);
    return { file, inManifest: inManifest.get(file.path), target: join(options.out, file.path) };
  });
  const kept = await listKept(wanted, options.force ?? false);
  const missing = wanted.filter(({ file }) => !kept.some(({ path }) => path === file.path));
  const { fetched, failures } = await fetchAll(session, missing);
  if (bundle && options.bundle !== undefined) await writeText(options.bundle, formatBundle(bundle));
  tell(session, datasetId, options.out, [...kept, ...fetched], failures);
}

function tell(
  { output }: Session,
  datasetId: string,
  out: string,
  results: readonly Fetched[],
  failures: readonly { readonly path: string; readonly error: SciclomaticError | ClientError }[],
): void {
  const unverified = results.filter(({ verifiedBy }) => verifiedBy === 'nothing').map(({ path }) => path);
  for (const path of unverified)
    output.remark(`warning: ${path} could not be verified: its source states no checksum that is a hash`);
  const keptCount = results.filter(({ kept }) => kept).length;
  for (const { path, error } of failures)
    output.remark(`failed: ${path}: ${error.code}${error.source ? ` from ${error.source}` : ''}: ${error.message}`);
  const facts = [
    `${formatQuantity(results.length, 'file')} in ${out}`,
    `${results.length - unverified.length} verified`,
    ...(keptCount > 0 ? [`${keptCount} there already`] : []),
    ...(failures.length > 0 ? [`${failures.length} failed`] : []),
  ];
  const byPath = (a: { readonly path: string }, b: { readonly path: string }) => (a.path < b.path ? -1 : 1);
  output.result(
    {
      datasetId,
      files: [...results].sort(byPath),
      failures: failures.map(({ path, error: { code, message, source } }) => ({
        path,
        error: { code, message, source: source ?? null },
      })),
    },
    [facts.join(', ')],
  );
  if (failures[0]) throw failures[0].error;
}

const isInSwarm = (file: RemoteFile): boolean =>
  file.downloads?.some(({ protocol }) => protocol === 'SWARM_HTTP') ?? false;

async function listFiles(session: Session, id: string, paths: readonly string[]): Promise<RemoteFile[]> {
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

/** The files that are there and right. @throws CONFLICT naming those that are there and differ, unless they are to be replaced */
async function listKept(wanted: readonly Wanted[], replace: boolean): Promise<Fetched[]> {
  const kept: Fetched[] = [];
  const differing: string[] = [];
  for (const one of wanted) {
    const { file, target } = one;
    const found = await stat(target).catch(() => undefined);
    if (found === undefined) continue;
    if (found.isDirectory()) throw new SciclomaticError('BAD_INPUT', `${target} is a folder; a file would go there`);
    const verifier = createVerifier(one);
    const expectedBytes = one.inManifest?.sizeBytes ?? file.sizeBytes;
    const mayBeSame = expectedBytes === found.size || (expectedBytes == null && verifier.verifiedBy !== 'nothing');
    if (mayBeSame && (await matches(target, verifier)))
      kept.push({ path: file.path, sizeBytes: found.size, verifiedBy: verifier.verifiedBy, kept: true });
    else differing.push(target);
  }
  if (differing.length > 0 && !replace)
    throw new SciclomaticError(
      'CONFLICT',
      `${formatQuantity(differing.length, 'file')} there already with other bytes: ${differing.slice(0, 5).join(', ')}${differing.length > 5 ? ', …' : ''}; --force replaces them`,
    );
  return kept;
}

async function matches(target: string, verifier: BytesVerifier): Promise<boolean> {
  try {
    await onDisk(target, async () => {
      for await (const bytes of createReadStream(target, { highWaterMark: 1024 * 1024 }))
        verifier.push(bytes as Buffer);
      verifier.end();
    });
    return true;
  } catch (error) {
    if (error instanceof SciclomaticError && error.code === 'CHECKSUM_MISMATCH') return false;
    throw error;
  }
}

/** The manifest's where it names the file; else the source's checksums. */
function createVerifier({ file, inManifest }: Wanted): BytesVerifier & { readonly verifiedBy: string } {
  if (inManifest === undefined) {
    const verifier = createChecksumVerifier(file.path, file.checksums);
    return { ...verifier, verifiedBy: verifier.verifiedBy ?? 'nothing' };
  }
  const verifier = createFileVerifier(inManifest, nodeCrypto);
  return { push: (bytes) => verifier.push(bytes), end: () => verifier.end(), verifiedBy: 'manifest' };
}

/** One file's failure does not keep the others from coming, unless they would fail like it. */
async function fetchAll(session: Session, wanted: readonly Wanted[]) {
  if (wanted.length === 0) return { fetched: [], failures: [] };
  const progress = session.output.progress(
    `download of ${formatQuantity(wanted.length, 'file')}`,
    wanted.reduce((sum, { file }) => sum + (file.sizeBytes ?? 0), 0),
  );
  const agent = new Agent({ connections: CONCURRENT_DOWNLOADS, bodyTimeout: SILENCE_MS, headersTimeout: SILENCE_MS });
  const ended = new AbortController();
  const end = () => ended.abort(session.signal.reason);
  session.signal.addEventListener('abort', end, { once: true });
  if (session.signal.aborted) end();
  let doneBytes = 0;
  const received = (bytes: number) => {
    doneBytes += bytes;
    progress.update(doneBytes);
  };
  const waiting = [...wanted];
  const fetched: Fetched[] = [];
  const failures: { path: string; error: SciclomaticError | ClientError }[] = [];
  const fetchNext = async () => {
    for (let one = waiting.shift(); one && !ended.signal.aborted; one = waiting.shift()) {
      try {
        fetched.push(await fetchFromAny(session, one, agent, ended.signal, received));
      } catch (thrown) {
        const error = thrown instanceof ClientError ? thrown : SciclomaticError.from(thrown);
        if (FATAL_CODES.has(error.code)) ended.abort(error);
        failures.push({ path: one.file.path, error });
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: CONCURRENT_DOWNLOADS }, fetchNext));
    if (ended.signal.aborted) throw ended.signal.reason;
    progress.end();
    return { fetched, failures };
  } catch (error) {
    progress.stop();
    throw error;
  } finally {
    session.signal.removeEventListener('abort', end);
    await agent.close();
  }
}

/** Tries each way to the bytes in turn. @throws what the last one failed with */
async function fetchFromAny(
  session: Session,
  wanted: Wanted,
  agent: Agent,
  signal: AbortSignal,
  received: (bytes: number) => void,
): Promise<Fetched> {
  const { file, target } = wanted;
  let failure: unknown = new SciclomaticError('NOT_FOUND', `Nobody offers the bytes of ${file.path}`);
  const { verifiedBy } = createVerifier(wanted);
  for (const { url } of file.downloads ?? []) {
    try {
      const sizeBytes = await fetchFile({
        url: new URL(url, session.server),
        target,
        createVerifier: () => createVerifier(wanted),
        mayResume: verifiedBy !== 'nothing',
        agent,
        signal,
        received,
      });
      return { path: file.path, sizeBytes, verifiedBy, kept: false };
    } catch (error) {
      if (signal.aborted || (error instanceof SciclomaticError && FATAL_CODES.has(error.code))) throw error;
      failure = error;
    }
  }
  throw failure;
}
