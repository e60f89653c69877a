import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { link, open, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { SciclomaticError } from './errors.js';
import type { Logger } from './log.js';

/** A folder that one process has for itself. */
export interface FolderLock {
  /** Lets others have it. MAY be called twice. */
  release(): Promise<void>;
}

const SOCKET_NAME = 'lock';
/** Longest path of a socket, in bytes; what is longer, libuv cuts without a word. macOS takes 103, Linux 107. */
const MAX_PATH_BYTES = 103;
/** Bytes after the name, of a socket that is moved aside: a dot and 8 hex digits. */
const SUFFIX_BYTES = 9;
/** How often a lock that its process left behind is taken away, when others do the same. */
const MAX_TRIES = 20;
/** What a file system says that has no sockets. */
const NO_SOCKETS: ReadonlySet<string | undefined> = new Set(['ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'ENOSYS', 'EINVAL']);

/**
 * Takes a folder for this process until it is released or the process ends, in whichever way: the lock is a socket in the
 * folder on which the process listens, and the system closes it with the process. What a killed one leaves behind answers
 * nobody and is replaced. Containers of one machine that share the folder see each other's lock, other machines do not. On
 * a file system that has no sockets the folder is not guarded, which is logged.
 * @throws CONFLICT when another process, or this one, has it; CONFIG_INVALID when the path is too long for a socket
 */
export async function lockFolder(dir: string, log: Logger): Promise<FolderLock> {
  const folder = await open(dir, 'r');
  try {
    const server = await holdSocket(createSocketPath(dir, folder.fd), dir);
    let released: Promise<void> | undefined;
    const release = async (): Promise<void> => {
      // Takes the socket's file away too.
      await new Promise((resolve) => server.close(resolve));
      await folder.close();
    };
    return { release: () => (released ??= release()) };
  } catch (error) {
    await folder.close();
    if (!NO_SOCKETS.has((error as NodeJS.ErrnoException).code)) throw SciclomaticError.from(error);
    log.warn({ dir, error }, 'The file system has no sockets: nothing keeps a second process from this folder');
    return { release: async () => undefined };
  }
}

/** On Linux a folder that is open has a short name, however long its path. */
function createSocketPath(dir: string, fd: number): string {
  const path = join(dir, SOCKET_NAME);
  if (Buffer.byteLength(path) + SUFFIX_BYTES <= MAX_PATH_BYTES) return path;
  if (process.platform === 'linux') return `/proc/self/fd/${fd}/${SOCKET_NAME}`;
  throw new SciclomaticError('CONFIG_INVALID', `The path of ${dir} is too long for a socket; use a shorter one`);
}

async function holdSocket(path: string, dir: string): Promise<Server> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const server = await listen(path);
    if (server !== undefined) return server;
    if (await isAnswered(path)) break;
    await removeAbandoned(path);
  }
  throw new SciclomaticError('CONFLICT', `The folder ${dir} is in use; one process at a time may have it`);
}

/** Undefined when there is such a socket already, listened on or left behind. */
async function listen(path: string): Promise<Server | undefined> {
  const server = createServer((connection) => connection.destroy()).unref();
  server.listen(path);
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return undefined;
  }
}

/** Whether a process listens. Who may not connect cannot know, and takes it for one that does. */
async function isAnswered(path: string): Promise<boolean> {
  const connection = connect(path);
  try {
    await once(connection, 'connect');
    return true;
  } catch (error) {
    return !['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'].includes((error as NodeJS.ErrnoException).code ?? '');
  } finally {
    connection.destroy();
  }
}

/** Moved aside and looked at again, because another process may have replaced it meanwhile: then it is put back. */
async function removeAbandoned(path: string): Promise<void> {
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await rename(path, aside);
    if (await isAnswered(aside)) await link(aside, path);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await rm(aside, { force: true });
  }
}
