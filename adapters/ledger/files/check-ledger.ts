import { stat } from 'node:fs/promises';
import { SciclomaticError } from '../../../core/errors.js';
import { nodeCrypto } from '../../../core/node-crypto.js';
import { encodeHex, equalBytes } from '../../../formats/bytes.js';
import { type Checkpoint, parseCheckpoint, verifyCheckpoint } from '../../../formats/tlog/checkpoint.js';
import { parseNote, type VerifierKey } from '../../../formats/tlog/signed-note.js';
import {
  countAtLevel,
  parseEntryBundle,
  parseTile,
  TILE_WIDTH,
  type TileName,
  tileAt,
} from '../../../formats/tlog/tile.js';
import { leafHash, readRoot, rootOf } from '../../../formats/tlog/tree.js';
import { createNodeReader, type LedgerDisk } from './ledger-disk.js';
import { CHECKPOINT_PATH, readTileFile } from './log-state.js';

export interface LedgerCheck {
  /** Null when the checkpoint cannot be read. */
  readonly checkpoint: Checkpoint | null;
  /** Whether the checkpoint was checked with a key; without one its signature is not looked at. */
  readonly signatureChecked: boolean;
  /** Root computed from the entries alone, as hex; null when an entry cannot be read. */
  readonly computedRoot: string | null;
  /** What is wrong, one sentence each; empty when the log is whole. */
  readonly problems: readonly string[];
}

export interface LedgerCheckOptions {
  readonly dir: string;
  readonly logKey?: VerifierKey | undefined;
}

/**
 * Recomputes a log from its entries: every bundle, every tile of every level, the root, the signature. Only reads, so it
 * may run beside a writer, on the checkpoint that stood when it began. Never throws for what is wrong with the log.
 */
export async function checkLedger({ dir, logKey }: LedgerCheckOptions): Promise<LedgerCheck> {
  if (!(await stat(dir).catch(() => undefined))?.isDirectory()) {
    throw new SciclomaticError('NOT_FOUND', `There is no folder ${dir}`);
  }
  const disk = createNodeReader(dir);
  const problems: string[] = [];
  const attempt: Attempt = async (step) => {
    try {
      return await step();
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };
  const checkpoint = await attempt(() => readCheckpoint(disk, logKey));
  const levels = checkpoint && (await recompute(disk, checkpoint.size, attempt));
  const root = levels && (await readRoot(checkpoint.size, (level, at) => readSubtree(levels, level, at), nodeCrypto));
  if (root !== undefined && !equalBytes(root, checkpoint?.root ?? new Uint8Array())) {
    problems.push('The entries do not lead to the root of the checkpoint');
  }
  return {
    checkpoint: checkpoint ?? null,
    signatureChecked: logKey !== undefined,
    computedRoot: root === undefined ? null : encodeHex(root),
    problems,
  };
}

/** Runs a step; what it throws becomes a problem of the report, and its result undefined. */
type Attempt = <Result>(step: () => Promise<Result>) => Promise<Result | undefined>;

async function readCheckpoint(disk: Pick<LedgerDisk, 'read'>, logKey: VerifierKey | undefined): Promise<Checkpoint> {
  const bytes = await disk.read(CHECKPOINT_PATH);
  if (bytes === undefined) throw new SciclomaticError('DATA_CORRUPT', 'The checkpoint is missing');
  const text = Buffer.from(bytes).toString('utf8');
  return logKey === undefined ? parseCheckpoint(parseNote(text).text) : verifyCheckpoint(text, logKey, nodeCrypto);
}

/**
 * Hashes of every level of tiles, computed from the entries; levels[0] are the leaves. Each stored tile is compared with
 * what was computed. Undefined when an entry cannot be read.
 */
async function recompute(
  disk: Pick<LedgerDisk, 'read'>,
  size: number,
  attempt: Attempt,
): Promise<Uint8Array[][] | undefined> {
  const leaves: Uint8Array[] = [];
  for (const name of listTiles('entries', size)) {
    const entries = await attempt(() => readTileFile(disk, name, parseEntryBundle));
    for (const entry of entries ?? []) leaves.push(leafHash(entry, nodeCrypto));
  }
  if (leaves.length !== size) return undefined;
  const levels: Uint8Array[][] = [];
  for (let hashes = leaves; hashes.length > 0; ) {
    const level = levels.push(hashes) - 1;
    const above: Uint8Array[] = [];
    for (const name of listTiles(level, size)) {
      const computed = hashes.slice(name.index * TILE_WIDTH, name.index * TILE_WIDTH + name.width);
      if (name.width === TILE_WIDTH) above.push(rootOf(computed, nodeCrypto));
      await attempt(() => compareTile(disk, name, computed));
    }
    hashes = above;
  }
  return levels;
}

async function compareTile(
  disk: Pick<LedgerDisk, 'read'>,
  name: TileName,
  computed: readonly Uint8Array[],
): Promise<void> {
  const stored = await readTileFile(disk, name, parseTile);
  const wrong = stored.findIndex((hash, at) => !equalBytes(hash, computed[at] ?? new Uint8Array()));
  if (wrong >= 0) {
    const position = name.index * TILE_WIDTH + wrong;
    throw new SciclomaticError('DATA_CORRUPT', `Hash ${position} of level ${name.level} is not that of its entries`);
  }
}

function* listTiles(level: TileName['level'], size: number): Generator<TileName> {
  for (let index = 0; index * TILE_WIDTH < countAtLevel(level, size); index += 1) {
    const name = tileAt(level, index, size);
    if (name !== undefined) yield name;
  }
}

/** A complete subtree out of the levels of tiles; 8 levels of the tree are one of tiles. */
function readSubtree(levels: readonly Uint8Array[][], level: number, index: number): Uint8Array {
  const span = 2 ** (level % 8);
  return rootOf((levels[Math.floor(level / 8)] ?? []).slice(index * span, (index + 1) * span), nodeCrypto);
}
