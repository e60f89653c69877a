import { z } from 'zod';
import { SciclomaticError } from '../../../core/errors.js';
import { createDatasetId, type RepositoryId } from '../../../core/ids.js';
import { type DatasetRecord, type FileRecord, parseDatasetRecord } from '../../../formats/dataset-record.js';
import { plainFromHtml } from '../plain-text.js';
import { parseSpdxLicense } from '../spdx-license.js';
import { createLocalId, parseLocalId } from './zenodo-id.js';
import { dropUndefined, parseDate, parseDoi, parseInstant, parseLanguage, parseOrcid } from './zenodo-values.js';

const text = z.string().nullish();

const fileSchema = z.looseObject({
  /** File name; the API of 2019 and before wrote `filename`. */
  key: z.string().optional(),
  filename: z.string().optional(),
  size: z.number().nullish(),
  /** `md5:…` */
  checksum: text,
  links: z.looseObject({ self: text, content: text, download: text }).nullish(),
});

const metadataSchema = z.looseObject({
  title: z.string(),
  description: text,
  creators: z.array(z.looseObject({ name: z.string(), affiliation: text, orcid: text })).nullish(),
  keywords: z.array(z.string()).nullish(),
  subjects: z.array(z.looseObject({ term: text, title: text })).nullish(),
  license: z.union([z.looseObject({ id: text }), z.string()]).nullish(),
  doi: text,
  publication_date: text,
  version: text,
  language: text,
  resource_type: z.looseObject({ type: text, subtype: text }).nullish(),
  related_identifiers: z.array(z.looseObject({ identifier: z.string(), relation: text })).nullish(),
});

/** Zenodo's own JSON, as it was until 2023 and as it is since InvenioRDM (`Accept: application/json`). */
const restRecordSchema = z.looseObject({
  id: z.union([z.number(), z.string()]),
  doi: text,
  updated: text,
  modified: text,
  links: z.looseObject({ html: text, self_html: text }).nullish(),
  files: z.array(fileSchema).nullish(),
  metadata: metadataSchema,
});

type RestRecord = z.infer<typeof restRecordSchema>;
type RestFile = z.infer<typeof fileSchema>;
type RestMetadata = z.infer<typeof metadataSchema>;

/** The dataset in one hit of a search, or in the answer to one record. @throws SOURCE_INVALID_ANSWER, UNSAFE_PATH */
export function parseRestRecord(repository: RepositoryId, homepageUrl: string, value: unknown): DatasetRecord {
  const parsed = restRecordSchema.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'record'}: ${issue.message}`);
    throw new SciclomaticError('SOURCE_INVALID_ANSWER', `Not a record of Zenodo: ${problems.join('; ')}`, {
      source: repository,
    });
  }
  return parseDatasetRecord(createRecord(repository, homepageUrl, parsed.data), repository);
}

function createRecord(repository: RepositoryId, homepageUrl: string, record: RestRecord): DatasetRecord {
  const { metadata, links } = record;
  const localId = createLocalId(record.id);
  const description = plainFromHtml(metadata.description ?? '');
  return {
    id: createDatasetId(repository, localId),
    title: plainFromHtml(metadata.title),
    creators: (metadata.creators ?? []).map(({ name, affiliation, orcid }) => ({
      name,
      ...dropUndefined({ orcid: parseOrcid(orcid ?? undefined), affiliation: affiliation || undefined }),
    })),
    subjects: listSubjects(metadata),
    files: record.files ? listFiles(record.files) : null,
    ...dropUndefined({
      description: description || undefined,
      license: parseLicense(metadata.license),
      doi: parseDoi(record.doi ?? metadata.doi ?? undefined),
      publishedAt: parseDate(metadata.publication_date ?? undefined),
      updatedAt: parseInstant(record.updated ?? record.modified ?? undefined),
      version: metadata.version || undefined,
      language: parseLanguage(metadata.language ?? undefined),
      resourceType: parseResourceType(metadata.resource_type),
      landingPageUrl: webAddress(links?.self_html) ?? webAddress(links?.html) ?? `${homepageUrl}/records/${record.id}`,
      previousVersion: findPreviousVersion(repository, localId, metadata),
    }),
  };
}

function listSubjects({ keywords, subjects }: RestMetadata): string[] {
  const terms = [...(keywords ?? []), ...(subjects ?? []).map(({ term, title }) => term ?? title ?? '')];
  return [...new Set(terms.map((term) => term.trim()))].filter((term) => term !== '');
}

function parseLicense(license: RestMetadata['license']): string | undefined {
  const name = (typeof license === 'string' ? license : license?.id)?.trim();
  return name ? (parseSpdxLicense(name) ?? name) : undefined;
}

/** Zenodo's types → DataCite's resourceTypeGeneral. */
const RESOURCE_TYPES: Readonly<Record<string, string>> = {
  dataset: 'Dataset',
  software: 'Software',
  image: 'Image',
  video: 'Audiovisual',
  poster: 'Poster',
  presentation: 'Presentation',
  physicalobject: 'PhysicalObject',
  workflow: 'Workflow',
  model: 'Model',
  lesson: 'InteractiveResource',
  other: 'Other',
  'publication/article': 'JournalArticle',
  'publication/book': 'Book',
  'publication/conferencepaper': 'ConferencePaper',
  'publication/datamanagementplan': 'OutputManagementPlan',
  'publication/datapaper': 'DataPaper',
  'publication/preprint': 'Preprint',
  'publication/report': 'Report',
  'publication/section': 'BookChapter',
  'publication/thesis': 'Dissertation',
  publication: 'Text',
};

function parseResourceType(resourceType: RestMetadata['resource_type']): string | undefined {
  const type = resourceType?.type ?? '';
  return RESOURCE_TYPES[`${type}/${resourceType?.subtype ?? ''}`] ?? RESOURCE_TYPES[type];
}

function findPreviousVersion(repository: RepositoryId, localId: string, metadata: RestMetadata): string | undefined {
  for (const { identifier, relation } of metadata.related_identifiers ?? []) {
    const doi = relation?.toLowerCase() === 'isnewversionof' ? parseDoi(identifier)?.toLowerCase() : undefined;
    if (doi !== undefined && doi !== localId && parseLocalId(doi) !== undefined)
      return createDatasetId(repository, doi);
  }
  return undefined;
}

function listFiles(files: readonly RestFile[]): FileRecord[] {
  const records = files.map((file): FileRecord => {
    const sourceUrl =
      webAddress(file.links?.content) ?? webAddress(file.links?.self) ?? webAddress(file.links?.download);
    return {
      path: parsePath(file.key ?? file.filename ?? ''),
      sizeBytes: file.size ?? null,
      checksums: parseChecksums(file.checksum ?? ''),
      ...dropUndefined({ sourceUrl }),
    };
  });
  return records.sort((left, right) => (left.path < right.path ? -1 : left.path > right.path ? 1 : 0));
}

/** @throws UNSAFE_PATH */
function parsePath(path: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const hasControlCharacter = /[\u0000-\u001f\u007f]/.test(path);
  if (hasControlCharacter || path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw new SciclomaticError('UNSAFE_PATH', `The file name ${JSON.stringify(path)} cannot be stored safely`);
  }
  return path;
}

/** `md5:154d…`; before 2018 the digits stood alone. */
function parseChecksums(checksum: string): FileRecord['checksums'] {
  const match = /^(?:([a-z0-9]+):)?([0-9a-f]+)$/i.exec(checksum.trim());
  if (match?.[2] === undefined) return [];
  const value = match[2].toLowerCase();
  const algorithm = match[1]?.toLowerCase() ?? (value.length === 32 ? 'md5' : undefined);
  return algorithm === undefined ? [] : [{ algorithm, value, origin: 'SOURCE' }];
}

function webAddress(url: string | null | undefined): string | undefined {
  return url && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) ? url : undefined;
}
