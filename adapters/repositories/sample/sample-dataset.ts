import { createDatasetId, parseRepositoryId, type RepositoryId } from '../../../core/ids.js';
import { hexSha256 } from '../../../core/node-hashes.js';
import type { DatasetRecord, FileRecord } from '../../../formats/dataset-record.js';
import { createReadmeFile } from './formats/readme.js';
import type { SampleFile, SampleProcess } from './sample-process.js';

export const SAMPLE_REPOSITORY = parseRepositoryId('sample');

/** Raise the version whenever any byte of any file changes: stored files of another version are computed anew. */
export const SAMPLE_GENERATOR = 'Sciclomatic sample generator 0.1.0';

/** The day on which the processes were written down, not the day on which a machine computed them. */
const PUBLISHED_AT = '2026-11-21';

/** Every file of the dataset, a README with them, in code-unit order of their paths. */
export function computeFiles(about: SampleProcess): SampleFile[] {
  const files = about.compute();
  return [...files, createReadmeFile(about, files, SAMPLE_GENERATOR)].sort((left, right) =>
    left.path < right.path ? -1 : 1,
  );
}

/** What a file's record says of its bytes; we made them, so the checksum is the source's own. */
export function describeFile({ path, mediaType, bytes }: SampleFile): FileRecord {
  return {
    path,
    sizeBytes: bytes.byteLength,
    mediaType,
    checksums: [{ algorithm: 'sha256', value: hexSha256(bytes), origin: 'SOURCE' }],
  };
}

/** The record of a process whose files are these. */
export function createRecord(
  about: SampleProcess,
  files: readonly FileRecord[],
  repository: RepositoryId = SAMPLE_REPOSITORY,
): DatasetRecord {
  return {
    id: createDatasetId(repository, about.localId),
    title: about.title,
    description: about.description,
    creators: [{ name: SAMPLE_GENERATOR }],
    subjects: about.subjects,
    license: 'CC0-1.0',
    publishedAt: PUBLISHED_AT,
    version: '1',
    language: 'en',
    resourceType: 'Dataset',
    parameters: Object.entries(about.parameters).map(([name, value]) => ({ name, value: String(value) })),
    files,
  };
}
