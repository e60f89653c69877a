import { z } from 'zod';
import { SciclomaticError } from '../core/errors.js';

/**
 * One dataset as every part of the house passes it on: what a repository adapter yields, a spool file holds (one JSON
 * object a line) and a search index stores. Absent means unknown; an unknown count is null, never 0.
 */
export interface DatasetRecord {
  /** `<repository>:<local id>`, see core/ids.ts. */
  readonly id: string;
  readonly title: string;
  /** Plain text; markup of the source is removed by its adapter. */
  readonly description?: string | undefined;
  readonly creators: readonly Creator[];
  /** Free keywords and controlled subjects, in the source's order. */
  readonly subjects: readonly string[];
  /** SPDX identifier where the source's text names one, else the source's text. */
  readonly license?: string | undefined;
  /** Without resolver: `10.5281/zenodo.123`. */
  readonly doi?: string | undefined;
  /** ISO 8601 date of the precision that the source gives: `2019`, `2019-04`, `2019-04-01`, or an instant. */
  readonly publishedAt?: string | undefined;
  /** ISO 8601 instant at which the source last changed the record. */
  readonly updatedAt?: string | undefined;
  readonly version?: string | undefined;
  /** BCP 47 tag. */
  readonly language?: string | undefined;
  /** DataCite resourceTypeGeneral, e.g. `Dataset`, `Software`. */
  readonly resourceType?: string | undefined;
  /** Page for people at the source. */
  readonly landingPageUrl?: string | undefined;
  /** Named settings of the process that made the data, as text. */
  readonly parameters?: readonly Parameter[] | undefined;
  /** Id of the dataset that this one corrects or follows. */
  readonly previousVersion?: string | undefined;
  /** Every file, sorted by path in code-unit order; null when the source does not list files. */
  readonly files: readonly FileRecord[] | null;
}

export interface Creator {
  /** As the source writes it, usually `Family, Given`. */
  readonly name: string;
  /** `0000-0002-1825-0097`, without resolver. */
  readonly orcid?: string | undefined;
  readonly affiliation?: string | undefined;
}

export interface Parameter {
  readonly name: string;
  readonly value: string;
}

export interface FileRecord {
  /** Relative, `/` between parts, no `..`, no NUL. */
  readonly path: string;
  /** Null when the source does not say. At most 2^53 - 1. */
  readonly sizeBytes: number | null;
  readonly mediaType?: string | undefined;
  readonly checksums: readonly Checksum[];
  readonly lastModified?: string | undefined;
  /** Where the source itself serves the bytes. */
  readonly sourceUrl?: string | undefined;
}

/** A digest and who vouches for it: "verified" always names both. */
export interface Checksum {
  /** `md5`, `sha1`, `sha256`, `sha512`, `blake3`, `etag`, … lower case; `etag` may not be a hash. */
  readonly algorithm: string;
  /** Lower-case hex for hashes, the source's text for `etag`. */
  readonly value: string;
  /** `SOURCE`: the repository states it. `SWARM`: computed here from the bytes when they came in. */
  readonly origin: 'SOURCE' | 'SWARM';
}

const text = (maximum: number) => z.string().max(maximum);
const optionalText = (maximum: number) => text(maximum).optional();

/** Longest texts accepted, in UTF-16 code units; what is longer is refused, not cut. */
export const RECORD_LIMITS = { title: 4096, description: 262_144, listItems: 100_000, files: 5_000_000 } as const;

const checksumSchema = z.strictObject({
  algorithm: z.string().regex(/^[a-z0-9-]{1,32}$/),
  value: z.string().min(1).max(512),
  origin: z.enum(['SOURCE', 'SWARM']),
});

export const fileRecordSchema = z.strictObject({
  path: z.string().min(1).max(4096),
  sizeBytes: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER).nullable(),
  mediaType: optionalText(256),
  checksums: z.array(checksumSchema).max(32),
  lastModified: optionalText(64),
  sourceUrl: optionalText(8192),
});

export const datasetRecordSchema = z.strictObject({
  id: z.string().min(3).max(8192),
  title: text(RECORD_LIMITS.title).min(1),
  description: optionalText(RECORD_LIMITS.description),
  creators: z
    .array(z.strictObject({ name: text(1024), orcid: optionalText(32), affiliation: optionalText(2048) }))
    .max(RECORD_LIMITS.listItems),
  subjects: z.array(text(4096)).max(RECORD_LIMITS.listItems),
  license: optionalText(65_536),
  doi: optionalText(2048),
  publishedAt: optionalText(64),
  updatedAt: optionalText(64),
  version: optionalText(256),
  language: optionalText(64),
  resourceType: optionalText(256),
  landingPageUrl: optionalText(8192),
  parameters: z
    .array(z.strictObject({ name: text(256), value: text(65_536) }))
    .max(10_000)
    .optional(),
  previousVersion: optionalText(8192),
  files: z.array(fileRecordSchema).max(RECORD_LIMITS.files).nullable(),
});

/** Checks a record that came from outside. @throws SOURCE_INVALID_ANSWER naming every field that is wrong. */
export function parseDatasetRecord(value: unknown, source?: string): DatasetRecord {
  const parsed = datasetRecordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues
    .map((issue) => `${issue.path.join('.') || 'record'}: ${issue.message}`)
    .join('; ');
  throw new SciclomaticError(
    'SOURCE_INVALID_ANSWER',
    `Not a dataset record: ${problems}`,
    source === undefined ? {} : { source },
  );
}
