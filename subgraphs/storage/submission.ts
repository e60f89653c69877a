import { z } from 'zod';
import { SciclomaticError } from '../../core/errors.js';
import { hexSha256 } from '../../core/node-hashes.js';
import { encodeCanonicalJson } from '../../formats/canonical-json.js';
import { type DatasetMetadata, MANIFEST_FORMAT, type Manifest, type ManifestFile } from '../../formats/manifest.js';
import type { SubmitDatasetInput } from './gen/resolver-types.js';
import { guessMediaType } from './media-type.js';
import type { UploadRecord } from './uploads.js';

/** What is submitted, its form checked. */
export type Submission = z.infer<typeof submissionSchema>;

const text = (maximum: number) => z.string().max(maximum);
const filled = (maximum: number) => text(maximum).min(1, 'must not be empty');
const optional = (schema: z.ZodString) => schema.nullish().transform((value) => value ?? undefined);

const DATE = /^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?)?)?$/;

/** Limits as in the schema and in formats/dataset-record.ts. */
const submissionSchema = z.object({
  title: filled(4096),
  description: optional(text(262_144)),
  creators: z
    .array(
      z.object({
        name: filled(1024),
        orcid: optional(z.string().regex(/^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$/, 'must look like 0000-0002-1825-0097')),
        affiliation: optional(text(2048)),
      }),
    )
    .min(1, 'at least one creator')
    .max(100_000),
  subjects: z.array(filled(4096)).max(100_000),
  license: optional(text(65_536)),
  doi: optional(
    z
      .string()
      .max(2048)
      .regex(/^10\.\d{4,9}\/\S+$/, 'must look like 10.5281/zenodo.123, without resolver'),
  ),
  publishedAt: optional(
    z
      .string()
      .refine((value) => DATE.test(value) && !Number.isNaN(Date.parse(value)), 'must be an ISO 8601 date or instant'),
  ),
  version: optional(text(256)),
  language: optional(z.string().regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, 'must be a BCP 47 tag, e.g. en')),
  resourceType: filled(256),
  parameters: z.array(z.object({ name: filled(256), value: text(65_536) })).max(10_000),
  previousVersion: optional(
    z.string().regex(/^sc:[0-9a-f]{64}$/, 'must be the id of a dataset of the swarm, sc:<manifest hash>'),
  ),
  uploadIds: z.array(z.string().max(64)).min(1, 'at least one upload').max(100_000),
});

/**
 * Checks metadata and uploads together, so that every problem is told at once.
 * @param readUpload throws NOT_FOUND for an unknown one
 * @throws BAD_INPUT listing every problem by field
 */
export function parseSubmission(
  input: SubmitDatasetInput,
  readUpload: (id: string) => UploadRecord,
): { submission: Submission; uploads: UploadRecord[] } {
  const problems: string[] = [];
  const parsed = submissionSchema.safeParse(input);
  if (!parsed.success) {
    problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  const uploads: UploadRecord[] = [];
  const paths = new Map<string, number>();
  for (const [position, id] of input.uploadIds.entries()) {
    const field = `uploadIds.${position}`;
    try {
      const upload = readUpload(id);
      const before = paths.get(upload.path);
      if (upload.stored === null)
        problems.push(`${field}: the bytes of ${JSON.stringify(upload.path)} have not come yet`);
      if (before !== undefined) {
        problems.push(`${field}: ${JSON.stringify(upload.path)} is the path of uploadIds.${before} too`);
      }
      paths.set(upload.path, position);
      uploads.push(upload);
    } catch (error) {
      problems.push(`${field}: ${SciclomaticError.from(error).message}`);
    }
  }
  for (const [path, position] of paths) {
    const folder = listFolders(path).find((parent) => paths.has(parent));
    if (folder !== undefined) {
      problems.push(`uploadIds.${position}: ${JSON.stringify(folder)} is both a file and a folder`);
    }
  }
  if (problems.length > 0 || !parsed.success) {
    throw new SciclomaticError('BAD_INPUT', `The dataset has ${problems.length} problem(s): ${problems.join('; ')}`);
  }
  return { submission: parsed.data, uploads };
}

function listFolders(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, count) => parts.slice(0, count + 1).join('/'));
}

/** Names one submission: the same metadata with the same uploads is the same submission, however often it is sent. */
export const submissionKey = (submission: Submission): string => hexSha256(encodeCanonicalJson(submission));

/** The manifest of what was submitted. */
export function createSubmittedManifest(
  submission: Submission,
  uploads: readonly UploadRecord[],
  createdAt: string,
): Manifest {
  const { uploadIds: _uploadIds, previousVersion, publishedAt, parameters, ...rest } = submission;
  const metadata: DatasetMetadata = {
    ...rest,
    publishedAt: publishedAt ?? createdAt,
    ...(parameters.length > 0 ? { parameters } : {}),
  };
  return {
    format: MANIFEST_FORMAT,
    datasetId: null,
    metadata,
    files: uploads.map(createManifestFile).sort((left, right) => (left.path < right.path ? -1 : 1)),
    createdAt,
    ...(previousVersion === undefined ? {} : { previousVersion }),
  };
}

function createManifestFile({ path, stored }: UploadRecord): ManifestFile {
  const mediaType = guessMediaType(path);
  return {
    path,
    sizeBytes: stored?.sizeBytes ?? 0,
    ...(mediaType === undefined ? {} : { mediaType }),
    checksums: [{ algorithm: 'sha256', value: stored?.digests.sha256 ?? '', origin: 'SWARM' }],
    chunkIds: stored?.chunkIds ?? [],
  };
}
