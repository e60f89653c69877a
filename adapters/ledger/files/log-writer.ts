import { SciclomaticError } from '../../../core/errors.js';
import { nodeCrypto } from '../../../core/node-crypto.js';
import { encodeHex, encodeUtf8 } from '../../../formats/bytes.js';
import type { Signer } from '../../../formats/crypto.js';
import { signCheckpoint } from '../../../formats/tlog/checkpoint.js';
import type { VerifierKey } from '../../../formats/tlog/signed-note.js';
import { countAtLevel, parseTile, TILE_WIDTH, type TileName, tileAt, tilePath } from '../../../formats/tlog/tile.js';
import { leafHash } from '../../../formats/tlog/tree.js';
import type { EntryIndex } from './entry-index.js';
import type { LedgerDisk } from './ledger-disk.js';
import type { LedgerLock } from './ledger-lock.js';
import {
  CHECKPOINT_PATH,
  corrupt,
  EMPTY_STATE,
  growLog,
  type LogState,
  loadLog,
  readStateRoot,
  readTileFile,
} from './log-state.js';

interface Published {
  readonly state: LogState;
  /** The signed checkpoint of that state. */
  readonly note: string;
}

export interface LogWriter {
  /** What readers may see: the newest checkpoint that is on disk, and the state that it commits to. */
  published(): Published;
  /** Index of each entry, in order; resolves when all are under a checkpoint on disk. One call at a time. */
  appendBatch(entries: readonly Uint8Array[]): Promise<number[]>;
  /** Resolves when nothing is left to write in the background. */
  settle(): Promise<void>;
}

export interface LogWriterOptions {
  readonly disk: LedgerDisk;
  readonly index: EntryIndex;
  readonly lock: LedgerLock;
  readonly key: Signer;
  readonly logKey: VerifierKey;
}

/**
 * Opens the log for appending. The order of a batch is what keeps it whole when the process is killed or the power fails:
 * bundles and tiles with their bytes, then their names, then the checkpoint, then its name, then the answer. The
 * checkpoint is the only file that is ever replaced.
 */
export async function openLogWriter(options: LogWriterOptions): Promise<LogWriter> {
  const { disk, index, lock, key, logKey } = options;
  let published = (await load(disk, logKey)) ?? (await publish(EMPTY_STATE));
  await followLog(index, disk, published.state);
  await Promise.all(listFinishedPartials(published.state.size).map((path) => disk.removeFolder(path)));
  /** Work after the answer: the index and outdated partial tiles. */
  let background: Promise<void> = Promise.resolve();
  /** True when memory may differ from the disk: a step failed half way. */
  let doubtful = false;

  async function publish(state: LogState): Promise<Published> {
    const root = await readStateRoot(state);
    const note = signCheckpoint({ origin: logKey.name, size: state.size, root }, key, nodeCrypto);
    await disk.write(CHECKPOINT_PATH, encodeUtf8(note));
    await disk.syncNames([CHECKPOINT_PATH]);
    return { state, note };
  }

  async function commit(entries: readonly Uint8Array[], hashes: readonly Uint8Array[]): Promise<void> {
    await lock.assertHeld();
    const before = published.state;
    const { state, files } = growLog(before, entries, hashes);
    await Promise.all(files.map(({ name, bytes }) => disk.write(tilePath(name), bytes)));
    await disk.syncNames(files.map(({ name }) => tilePath(name)));
    published = await publish(state);
    background = finish(before, state, hashes);
  }

  async function finish(before: LogState, after: LogState, hashes: readonly Uint8Array[]): Promise<void> {
    try {
      await index.add(before.size, hashes);
      await Promise.all(listOutgrownPartials(before.size, after.size).map((path) => disk.removeFolder(path)));
    } catch {
      // Nothing acknowledged is at stake: the index is made good from the tiles before the next batch.
      doubtful = true;
    }
  }

  async function recover(): Promise<void> {
    const loaded = await load(disk, logKey);
    if (loaded === undefined) throw corrupt('its checkpoint is gone');
    published = loaded;
    await followLog(index, disk, published.state);
    doubtful = false;
  }

  return {
    published: () => published,
    settle: () => background,
    appendBatch: async (entries) => {
      await background;
      try {
        if (doubtful) await recover();
        const { indexes, fresh } = findFresh(entries, index, published.state.size);
        if (fresh.length > 0) {
          await commit(
            fresh.map(({ entry }) => entry),
            fresh.map(({ hash }) => hash),
          );
        }
        return indexes;
      } catch (error) {
        doubtful = true;
        throw SciclomaticError.from(error);
      }
    },
  };
}

async function load(disk: LedgerDisk, logKey: VerifierKey): Promise<Published | undefined> {
  const loaded = await loadLog(disk, logKey);
  if (loaded !== undefined) return loaded;
  // The checkpoint of size 0 is published before the first entry, so entries without a checkpoint mean that it was lost.
  // To begin again at 0 would sign a second history.
  if (await disk.hasFolder('tile')) throw corrupt('it has tiles but no checkpoint; restore the checkpoint');
  return undefined;
}

interface Fresh {
  readonly entry: Uint8Array;
  readonly hash: Uint8Array;
}

/** Which entries are new, and the index that each one has or will have. */
function findFresh(
  entries: readonly Uint8Array[],
  index: EntryIndex,
  size: number,
): { indexes: number[]; fresh: Fresh[] } {
  const fresh: Fresh[] = [];
  const inBatch = new Map<string, number>();
  const indexes = entries.map((entry) => {
    const hash = leafHash(entry, nodeCrypto);
    const name = encodeHex(hash);
    const known = inBatch.get(name) ?? index.readIndex(hash);
    if (known !== undefined) return known;
    inBatch.set(name, size + fresh.length);
    return size + fresh.push({ entry, hash }) - 1;
  });
  return { indexes, fresh };
}

/** Brings the index up to the log, from the leaf hashes in its tiles. */
async function followLog(index: EntryIndex, disk: LedgerDisk, state: LogState): Promise<void> {
  const known = index.readSize();
  if (known > state.size) {
    throw corrupt(
      `its checkpoint is of ${state.size} entries, but ${known} were published before; restore the newer one`,
    );
  }
  for (let tile = Math.floor(known / TILE_WIDTH); tile * TILE_WIDTH < state.size; tile += 1) {
    const name = tileAt(0, tile, state.size) as TileName;
    const hashes = name.width < TILE_WIDTH ? (state.edges[0] ?? []) : await readTileFile(disk, name, parseTile);
    const start = Math.max(known, tile * TILE_WIDTH);
    await index.add(start, hashes.slice(start - tile * TILE_WIDTH));
  }
}

const partialFolder = (level: TileName['level'], index: number): string =>
  `${tilePath({ level, index, width: TILE_WIDTH })}.p`;

function listLevels(size: number): TileName['level'][] {
  const levels: TileName['level'][] = ['entries'];
  for (let level = 0; countAtLevel(level, size) > 0; level += 1) levels.push(level);
  return levels;
}

/** Folders of partial tiles whose full tile has come with this growth; nobody needs them any more (C2SP tlog-tiles). */
const listOutgrownPartials = (oldSize: number, size: number): string[] =>
  listLevels(size).flatMap((level) => {
    const edge = Math.floor(countAtLevel(level, oldSize) / TILE_WIDTH);
    return Math.floor(countAtLevel(level, size) / TILE_WIDTH) > edge ? [partialFolder(level, edge)] : [];
  });

/** The last full tile of each level: its partial ones may have outlived a kill. */
const listFinishedPartials = (size: number): string[] =>
  listLevels(size).flatMap((level) => {
    const full = Math.floor(countAtLevel(level, size) / TILE_WIDTH);
    return full > 0 ? [partialFolder(level, full - 1)] : [];
  });
