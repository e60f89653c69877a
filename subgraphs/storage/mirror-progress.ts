import type { ChunkId, DatasetId } from '../../core/ids.js';
import { hexSha256 } from '../../core/node-hashes.js';
import { canonicalJson } from '../../formats/canonical-json.js';
import type { FileRecord } from '../../formats/dataset-record.js';
import type { StorageState } from './state.js';

/** How far the files of a mirror are, on disk: a restart goes on from here. */
export interface MirrorProgress {
  /** Chunks of the file that are in the swarm, in order from its start; none when the source changed it since. */
  readChunkIds(datasetId: DatasetId, file: FileRecord): ChunkId[];
  /** Chunks of all its files that are in the swarm. */
  listChunkIds(datasetId: DatasetId): ChunkId[];
  /** Adds the next chunks. */
  append(datasetId: DatasetId, file: FileRecord, start: number, chunkIds: readonly ChunkId[]): Promise<void>;
  /** Forgets what was brought of one file. */
  clearFile(datasetId: DatasetId, file: FileRecord): Promise<void>;
  /** Forgets everything about the dataset, once its manifest is kept. */
  clear(datasetId: DatasetId): Promise<void>;
}

interface Part {
  /** What the source said of the file then. */
  readonly fingerprint: string;
  /** Position of the first chunk in the file. */
  readonly start: number;
  readonly chunkIds: readonly ChunkId[];
}

export function openMirrorProgress(state: StorageState): MirrorProgress {
  const table = state.openTable<Part>('mirror-parts');
  const datasetPrefix = (datasetId: DatasetId): string => `${hexSha256(Buffer.from(datasetId))} `;
  const filePrefix = (datasetId: DatasetId, { path }: FileRecord): string =>
    `${datasetPrefix(datasetId)}${hexSha256(Buffer.from(path))} `;
  // `~` sorts after everything that a key holds.
  const listParts = (prefix: string) => [...table.getRange({ start: prefix, end: `${prefix}~` })];
  const remove = async (prefix: string): Promise<void> => {
    const parts = listParts(prefix);
    if (parts.length === 0) return;
    await state.commit(() => {
      for (const { key } of parts) void table.remove(key);
    });
  };
  return {
    readChunkIds: (datasetId, file) => {
      const fingerprint = fingerprintOf(file);
      const chunkIds: ChunkId[] = [];
      for (const { value } of listParts(filePrefix(datasetId, file))) {
        if (value.fingerprint !== fingerprint || value.start !== chunkIds.length) break;
        chunkIds.push(...value.chunkIds);
      }
      return chunkIds;
    },
    listChunkIds: (datasetId) => listParts(datasetPrefix(datasetId)).flatMap(({ value }) => [...value.chunkIds]),
    append: async (datasetId, file, start, chunkIds) => {
      const key = `${filePrefix(datasetId, file)}${String(start).padStart(12, '0')}`;
      await state.commit(() => {
        // A file that is begun anew replaces what an older version left.
        if (start === 0) for (const part of listParts(filePrefix(datasetId, file))) void table.remove(part.key);
        void table.put(key, { fingerprint: fingerprintOf(file), start, chunkIds });
      });
    },
    clearFile: (datasetId, file) => remove(filePrefix(datasetId, file)),
    clear: (datasetId) => remove(datasetPrefix(datasetId)),
  };
}

const fingerprintOf = ({ sizeBytes, checksums, lastModified }: FileRecord): string =>
  hexSha256(Buffer.from(canonicalJson({ sizeBytes, checksums, lastModified })));
