import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { writeFileDurably } from '../core/durable-file.js';
import { SciclomaticError } from '../core/errors.js';
import type { Logger } from '../core/log.js';
import { type Loop, startLoop } from '../core/loop.js';
import { buildGraph, type Graph } from './graph.js';

/** Where the supergraph SDL is. */
export type SupergraphLocation =
  | { readonly sdl: string }
  | { readonly file: string }
  | {
      readonly url: string;
      /** The last good one is kept here, so that the gateway starts though the URL does not answer. */
      readonly keepFile?: string | undefined;
    };

/** The supergraph that is served now, and its successors. */
export interface Supergraph {
  current(): Graph;
  /** Reads again now; true when a new one is served from here on. A bad one is logged and the old one stays. */
  refresh(): Promise<boolean>;
  /** Calls back at once with the present graph, and with each that follows. */
  onChange(listener: (graph: Graph) => void): () => void;
  stop(): Promise<void>;
}

export interface SupergraphOptions {
  readonly log: Logger;
  /** Milliseconds between two looks at the file or URL. */
  readonly pollMs?: number | undefined;
  /** How long to wait at the start for a supergraph that is not there yet, in milliseconds. */
  readonly waitMs?: number | undefined;
}

const POLL_MS = 5_000;
const WAIT_MS = 60_000;
const RETRY_MS = 500;
/** Longest time to read a supergraph from a URL, and the most that is read of it. */
const FETCH_TIMEOUT_MS = 10_000;
const MAX_SUPERGRAPH_BYTES = 32 * 1024 * 1024;

/**
 * Opens the supergraph and follows its changes.
 * @throws CONFIG_INVALID when the first one cannot be served, SOURCE_UNAVAILABLE when none came within `waitMs`
 */
export async function openSupergraph(location: SupergraphLocation, options: SupergraphOptions): Promise<Supergraph> {
  const { log } = options;
  const listeners = new Set<(graph: Graph) => void>();
  let graph = await openFirst(location, options);
  /** Text of a bad supergraph that was logged already. */
  let refused: string | undefined;

  const refresh = async (): Promise<boolean> => {
    const sdl = await readSdl(location);
    if (sdl === graph.supergraphSdl || sdl === refused) return false;
    try {
      graph = buildGraph(sdl);
    } catch (error) {
      refused = sdl;
      log.error({ error }, 'The new supergraph cannot be served; the old one stays');
      return false;
    }
    refused = undefined;
    await keep(location, sdl, log);
    for (const listener of listeners) listener(graph);
    log.info({ subgraphs: graph.subgraphs.map(({ name }) => name) }, 'A new supergraph is served');
    return true;
  };

  let loop: Loop | undefined;
  if (!('sdl' in location)) {
    loop = startLoop('supergraph', options.pollMs ?? POLL_MS, log, async () => {
      await refresh();
    });
  }
  return {
    current: () => graph,
    refresh,
    onChange: (listener) => {
      listeners.add(listener);
      listener(graph);
      return () => listeners.delete(listener);
    },
    stop: async () => {
      await loop?.stop();
    },
  };
}

async function openFirst(location: SupergraphLocation, { log, waitMs = WAIT_MS }: SupergraphOptions): Promise<Graph> {
  const waitUntil = performance.now() + waitMs;
  for (;;) {
    try {
      const sdl = await readSdl(location);
      const graph = buildGraph(sdl);
      await keep(location, sdl, log);
      return graph;
    } catch (error) {
      const kept = await readKept(location);
      if (kept) {
        log.warn({ error }, 'The supergraph cannot be had; the last good one is served');
        return kept;
      }
      const mayCome = error instanceof SciclomaticError && error.code === 'SOURCE_UNAVAILABLE';
      if (!mayCome || performance.now() > waitUntil) throw error;
      log.warn({ error }, 'The supergraph is not there yet; waiting');
      await delay(RETRY_MS);
    }
  }
}

async function readSdl(location: SupergraphLocation): Promise<string> {
  if ('sdl' in location) return location.sdl;
  if ('file' in location) {
    return readFile(location.file, 'utf8').catch((error: unknown) => {
      throw new SciclomaticError('CONFIG_INVALID', `The supergraph ${location.file} cannot be read`, { cause: error });
    });
  }
  return fetchSdl(location.url);
}

async function fetchSdl(url: string): Promise<string> {
  const unavailable = (why: string, cause?: unknown) =>
    new SciclomaticError('SOURCE_UNAVAILABLE', `The supergraph at ${url} ${why}`, { cause, source: url });
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) }).catch((error: unknown) => {
    throw unavailable('does not answer', error);
  });
  const text = await response.text();
  if (!response.ok) throw unavailable(`answers HTTP ${response.status}`);
  if (text.length > MAX_SUPERGRAPH_BYTES) throw unavailable(`is over ${MAX_SUPERGRAPH_BYTES} bytes`);
  return text;
}

async function keep(location: SupergraphLocation, sdl: string, log: Logger): Promise<void> {
  if (!('keepFile' in location) || location.keepFile === undefined) return;
  try {
    await writeFileDurably(location.keepFile, sdl);
  } catch (error) {
    log.warn({ error }, 'The supergraph could not be kept on disk; it is served all the same');
  }
}

async function readKept(location: SupergraphLocation): Promise<Graph | undefined> {
  if (!('keepFile' in location) || location.keepFile === undefined) return undefined;
  const sdl = await readFile(location.keepFile, 'utf8').catch(() => undefined);
  if (sdl === undefined) return undefined;
  try {
    return buildGraph(sdl);
  } catch {
    // A kept file that no longer parses is as good as none; the error of the real one is the one to report.
    return undefined;
  }
}
