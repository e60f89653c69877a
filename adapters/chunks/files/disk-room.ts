import { statfs } from 'node:fs/promises';
import { SciclomaticError } from '../../../core/errors.js';

/** What a file system says of itself; `statfs` of the system. */
export interface DiskFigures {
  readonly blockSizeBytes: number;
  readonly blockCount: number;
  /** Those that a process without privileges may still take. */
  readonly freeBlockCount: number;
  /** 0 = it does not count files. */
  readonly fileCount: number;
  readonly freeFileCount: number;
}

/** Left for what grows beside the chunks: index, manifests, and blocks that are not filled. */
export const DISK_RESERVE_BYTES = 4 * 1024 * 1024;

/** A chunk may need a file and two folders. */
const FILES_PER_CHUNK = 3;

/** @throws INTERNAL when the folder cannot be looked at */
export async function readDiskFigures(dir: string): Promise<DiskFigures> {
  try {
    const { bsize, blocks, bavail, files, ffree } = await statfs(dir);
    return {
      blockSizeBytes: bsize,
      blockCount: blocks,
      freeBlockCount: bavail,
      fileCount: files,
      freeFileCount: ffree,
    };
  } catch (error) {
    throw SciclomaticError.from(error);
  }
}

/** Bytes of chunks that the disk still takes, less the reserve; null when the file system knows no limit. */
export function countDiskRoom(figures: DiskFigures): number | null {
  const { blockSizeBytes, blockCount, freeBlockCount, fileCount, freeFileCount } = figures;
  if (fileCount > 0 && freeFileCount < FILES_PER_CHUNK) return 0;
  // A tmpfs without a size counts no blocks.
  return blockCount === 0 ? null : Math.max(0, freeBlockCount * blockSizeBytes - DISK_RESERVE_BYTES);
}
