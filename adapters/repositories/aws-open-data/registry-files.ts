import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Extract, extract } from 'tar-stream';
import { assertActive, type Call } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import type { SourceClient } from '../fetch-source.js';

/** Largest file of the registry that is read, in bytes; the largest published one has 0.9 MB. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;
/** Largest unpacked archive that is read, in bytes; the registry has 15 MB and its repository some more. */
const MAX_ARCHIVE_BYTES = 512 * 1024 * 1024;
/** Folder of an archive that holds the datasets: `open-data-registry-main/datasets/NAME.yaml`. */
const DATASETS_FOLDER = 'datasets';

export interface RegistryFile {
  /** File name without `.yaml`. */
  readonly localId: string;
  /** Undefined when the file is larger than MAX_FILE_BYTES. */
  readonly bytes: Buffer | undefined;
}

/** Where the registry's files come from. */
export interface RegistryFiles {
  /** Every `*.yaml` file, always in the same order while nothing changes. */
  list(call: Call): AsyncIterable<RegistryFile>;
  /** Undefined when there is no file of that name. */
  read(localId: string, call: Call): Promise<RegistryFile | undefined>;
}

/** Files directly in one folder, by name. */
export function createFolderFiles(dir: string, source: string): RegistryFiles {
  return {
    async *list(call) {
      assertActive(call);
      for (const localId of await listNames(dir, source)) {
        assertActive(call);
        const file = await readRegistryFile(dir, localId, source);
        if (file !== undefined) yield file;
      }
    },
    async read(localId, call) {
      assertActive(call);
      return (await listNames(dir, source)).includes(localId) ? readRegistryFile(dir, localId, source) : undefined;
    },
  };
}

async function listNames(dir: string, source: string): Promise<string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile()).map((entry) => parseFileName(entry.name));
    return names.filter((name) => name !== undefined).sort();
  } catch (error) {
    throw new SciclomaticError('SOURCE_UNAVAILABLE', `The folder ${dir} cannot be read`, { cause: error, source });
  }
}

/** Undefined when the file was removed since the folder was listed: then it is simply not there any more. */
async function readRegistryFile(dir: string, localId: string, source: string): Promise<RegistryFile | undefined> {
  const path = join(dir, `${localId}.yaml`);
  try {
    const { size } = await stat(path);
    return { localId, bytes: size > MAX_FILE_BYTES ? undefined : await readFile(path) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SciclomaticError('SOURCE_UNAVAILABLE', `The file ${path} cannot be read`, { cause: error, source });
  }
}

/** Files of a `.tar.gz` behind a URL, in the archive's order. Streams: one file is in memory at a time. */
export function createTarballFiles(url: string, source: string, client: SourceClient): RegistryFiles {
  return {
    list: (call) => readArchive(url, source, client, () => true, call),
    async read(localId, call) {
      for await (const file of readArchive(url, source, client, (name) => name === localId, call)) return file;
      return undefined;
    },
  };
}

async function* readArchive(
  url: string,
  source: string,
  client: SourceClient,
  wants: (localId: string) => boolean,
  call: Call,
): AsyncGenerator<RegistryFile> {
  const { bytes } = await client.openBody({ url, headers: { 'accept-encoding': 'identity' } }, call);
  const body = Readable.from(bytes, { objectMode: false });
  const gunzip = createGunzip();
  const archive: Extract = extract();
  // Errors travel down the pipe; the first of them is the one that explains the others.
  let firstError: Error | undefined;
  const pass = (error: Error, next: { destroy(error: Error): void }): void => {
    firstError ??= error;
    next.destroy(error);
  };
  body.on('error', (error) => pass(error, gunzip));
  gunzip.on('error', (error) => pass(error, archive));
  body.pipe(gunzip).pipe(archive);
  let archiveBytes = 0;
  try {
    for await (const entry of archive) {
      assertActive(call);
      const size = entry.header.size ?? 0;
      archiveBytes += size;
      if (archiveBytes > MAX_ARCHIVE_BYTES) {
        throw new SciclomaticError('SOURCE_INVALID_ANSWER', `${url} unpacks to more than ${MAX_ARCHIVE_BYTES} bytes`, {
          source,
        });
      }
      const localId = entry.header.type === 'file' ? parseArchivePath(entry.header.name) : undefined;
      if (localId === undefined || !wants(localId) || size > MAX_FILE_BYTES) {
        entry.resume();
        if (localId !== undefined && wants(localId)) yield { localId, bytes: undefined };
        continue;
      }
      const pieces: Uint8Array[] = [];
      for await (const piece of entry) pieces.push(piece as Uint8Array);
      yield { localId, bytes: Buffer.concat(pieces) };
    }
  } catch (error) {
    throw translateArchiveError(firstError ?? (error as object), url, source, call);
  } finally {
    body.destroy();
    gunzip.destroy();
    archive.destroy();
  }
}

function translateArchiveError(error: object, url: string, source: string, call: Call): SciclomaticError {
  if (call.signal.aborted) return SciclomaticError.from(call.signal.reason, 'CANCELLED');
  if (error instanceof SciclomaticError) return error;
  // By its properties, not its class: errors of Node's own modules may come from another realm.
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const cut = code === 'Z_BUF_ERROR' || message === 'Unexpected end of data';
  return cut
    ? new SciclomaticError('SOURCE_UNAVAILABLE', `${url} ended in the middle`, { cause: error, source })
    : new SciclomaticError('SOURCE_INVALID_ANSWER', `${url} is not a .tar.gz`, { cause: error, source });
}

function parseArchivePath(path: string): string | undefined {
  const parts = path.split('/');
  return parts.at(-2) === DATASETS_FOLDER ? parseFileName(parts.at(-1) ?? '') : undefined;
}

/** The local id in a file's name; undefined for other files and for names that cannot be an id. */
function parseFileName(name: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return /^[^\u0000-\u001f\u007f/\\]+\.yaml$/.test(name) && !name.startsWith('.')
    ? name.slice(0, -'.yaml'.length)
    : undefined;
}
