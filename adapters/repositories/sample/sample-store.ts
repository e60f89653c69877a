import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { assertActive, type Call } from '../../../core/call.js';
import { writeFileDurably } from '../../../core/durable-file.js';
import { SciclomaticError } from '../../../core/errors.js';
import { hexSha256 } from '../../../core/node-hashes.js';
import { type FileRecord, fileRecordSchema } from '../../../formats/dataset-record.js';
import { MAX_PIECE_BYTES } from '../file-range.js';
import { computeFiles, describeFile, SAMPLE_GENERATOR, SAMPLE_REPOSITORY } from './sample-dataset.js';
import type { SampleProcess } from './sample-process.js';

/** Written when all files of a dataset are on disk: without it they do not count. */
const markerSchema = z.strictObject({ generator: z.literal(SAMPLE_GENERATOR), files: z.array(fileRecordSchema) });

/**
 * The computed files below a folder: `<dir>/<local id>/<path>`, and `<dir>/<local id>.json` as the marker. What is
 * missing, damaged or of another version is computed again. Several processes may share the folder: files appear
 * whole, by renaming, and all compute the same bytes.
 */
export class SampleStore {
  readonly #dir: string;
  /** Local id → its files, once this process has seen that they are sound. */
  readonly #verified = new Map<string, Promise<readonly FileRecord[]>>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** The dataset's files, on disk and sound. Computes them when they are not. @throws STORAGE_FULL, SOURCE_UNAVAILABLE */
  listFiles(about: SampleProcess): Promise<readonly FileRecord[]> {
    let files = this.#verified.get(about.localId);
    if (!files) {
      files = this.#prepare(about);
      this.#verified.set(about.localId, files);
      // A failure is not remembered: the next call tries again.
      files.catch(() => this.#verified.delete(about.localId));
    }
    return files;
  }

  /** Bytes start (inclusive) to end (exclusive) of one of those files. */
  async openFile(about: SampleProcess, file: FileRecord, start: number, end: number, call: Call) {
    const path = this.#pathOf(about, file);
    const onDisk = await stat(path).catch(() => undefined);
    if (onDisk?.size !== file.sizeBytes) {
      this.#verified.delete(about.localId);
      await this.listFiles(about);
    }
    return readPieces(path, start, end, call);
  }

  /** Resolves when nothing is being computed or written any more. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#verified.values());
  }

  async #prepare(about: SampleProcess): Promise<readonly FileRecord[]> {
    try {
      return (await this.#readSound(about)) ?? (await this.#compute(about));
    } catch (error) {
      throw SciclomaticError.from(error, 'SOURCE_UNAVAILABLE', { source: SAMPLE_REPOSITORY });
    }
  }

  /** Undefined when the marker or any file is missing, damaged or of another version. */
  async #readSound(about: SampleProcess): Promise<readonly FileRecord[] | undefined> {
    try {
      const { files } = markerSchema.parse(JSON.parse(await readFile(this.#markerOf(about), 'utf8')));
      for (const file of files) {
        const digest = hexSha256(await readFile(this.#pathOf(about, file)));
        if (!file.checksums.some((checksum) => checksum.value === digest)) return undefined;
      }
      return files;
    } catch {
      // Whatever is wrong with the copy on disk, computing it anew mends it, or fails and says why.
      return undefined;
    }
  }

  async #compute(about: SampleProcess): Promise<readonly FileRecord[]> {
    const files = computeFiles(about);
    const records = files.map(describeFile);
    await rm(this.#markerOf(about), { force: true });
    for (const file of files) await writeFileDurably(this.#pathOf(about, file), file.bytes);
    await writeFileDurably(this.#markerOf(about), JSON.stringify({ generator: SAMPLE_GENERATOR, files: records }));
    return records;
  }

  #pathOf(about: SampleProcess, file: { readonly path: string }): string {
    return join(this.#dir, about.localId, file.path);
  }

  #markerOf(about: SampleProcess): string {
    return join(this.#dir, `${about.localId}.json`);
  }
}

async function* readPieces(path: string, start: number, end: number, call: Call): AsyncGenerator<Uint8Array> {
  assertActive(call);
  const file = await open(path, 'r');
  try {
    for (let position = start; position < end; ) {
      assertActive(call);
      const piece = Buffer.allocUnsafe(Math.min(MAX_PIECE_BYTES, end - position));
      const { bytesRead } = await file.read(piece, 0, piece.length, position);
      if (bytesRead === 0) throw new SciclomaticError('DATA_CORRUPT', `${path} is shorter than its record says`);
      yield piece.subarray(0, bytesRead);
      position += bytesRead;
    }
  } finally {
    await file.close();
  }
}
