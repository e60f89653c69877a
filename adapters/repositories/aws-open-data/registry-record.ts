import { z } from 'zod';
import { SciclomaticError } from '../../../core/errors.js';
import { createDatasetId, type RepositoryId } from '../../../core/ids.js';
import {
  type Creator,
  type DatasetRecord,
  type Parameter,
  parseDatasetRecord,
  RECORD_LIMITS,
} from '../../../formats/dataset-record.js';
import { plainFromMarkdown } from '../plain-text.js';
import { parseSpdxLicense } from '../spdx-license.js';
import { parseRegistryYaml } from './registry-yaml.js';

const REGISTRY_PAGES = 'https://registry.opendata.aws/';

/** A date is parsed by YAML 1.1 readers and stays text in YAML 1.2; numbers appear where a name is one. */
const scalar = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]);
const optionalScalar = scalar.nullish();

const resourceSchema = z.looseObject({
  Description: optionalScalar,
  Type: optionalScalar,
  Region: optionalScalar,
  ARN: optionalScalar,
  Host: optionalScalar,
  RequesterPays: z.boolean().nullish(),
  AccountRequired: z.boolean().nullish(),
  ControlledAccess: optionalScalar,
});

/** What the registry's schema.yaml asks for and this adapter reads; everything else may be there. */
const entrySchema = z.looseObject({
  Name: scalar,
  Description: optionalScalar,
  Documentation: optionalScalar,
  Contact: optionalScalar,
  ManagedBy: optionalScalar,
  UpdateFrequency: optionalScalar,
  Tags: z.array(scalar).nullish(),
  License: optionalScalar,
  Citation: optionalScalar,
  Resources: z.array(resourceSchema).nullish(),
  Deprecated: z.boolean().nullish(),
  DeprecatedNotice: optionalScalar,
  RegistryEntryLastModified: optionalScalar,
});

type Entry = z.infer<typeof entrySchema>;
type Resource = z.infer<typeof resourceSchema>;

/**
 * The dataset that one file of the registry describes. `files` is null: the registry names buckets, it does not list
 * what is in them; the buckets stand among the parameters.
 * @throws SOURCE_INVALID_ANSWER when the text is no YAML or lacks a name
 */
export function parseRegistryRecord(repository: RepositoryId, localId: string, text: string): DatasetRecord {
  const parsed = entrySchema.safeParse(parseRegistryYaml(text));
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`);
    throw new SciclomaticError('SOURCE_INVALID_ANSWER', `Not a registry entry: ${problems.join('; ')}`, {
      source: repository,
    });
  }
  return parseDatasetRecord(createRecord(repository, localId, parsed.data), repository);
}

function createRecord(repository: RepositoryId, localId: string, entry: Entry): DatasetRecord {
  const description = describeEntry(entry);
  const license = parseSpdxLicense(entry.License ?? '') ?? plainWithAddresses(entry.License);
  const doi = findDatasetDoi(plainWithAddresses(entry.Citation));
  const updatedAt = parseDay(plain(entry.RegistryEntryLastModified));
  return {
    id: createDatasetId(repository, localId),
    title: plain(entry.Name),
    ...(description === '' ? {} : { description }),
    creators: parseManagers(entry.ManagedBy ?? ''),
    subjects: [...new Set((entry.Tags ?? []).map((tag) => tag.trim()))].filter((tag) => tag !== ''),
    ...(license === '' ? {} : { license }),
    ...(doi === undefined ? {} : { doi }),
    ...(updatedAt === undefined ? {} : { updatedAt }),
    resourceType: 'Dataset',
    landingPageUrl: `${REGISTRY_PAGES}${encodeURIComponent(localId)}/`,
    parameters: listParameters(entry),
    files: null,
  };
}

const plain = (markdown: string | null | undefined): string => plainFromMarkdown(markdown ?? '');

/** Plain text in which a link keeps its address: `our data (https://doi.org/…)`, `Ask us (us@example.org)`. */
const plainWithAddresses = (markdown: string | null | undefined): string =>
  plain(
    markdown?.replace(/\[([^[\]]+)\]\s?\((?:mailto:)?([^()\s]+)\)/g, (_, label: string, address: string) =>
      label.includes(address) ? label : `${label} (${address})`,
    ),
  );

const isDeprecated = (entry: Entry): boolean => entry.Deprecated === true || plain(entry.DeprecatedNotice) !== '';

/** Stands at the end of a description that was cut; some entries of NASA describe hundreds of products in one text. */
const CUT_MARK = '… (cut here; the registry has the whole text)';

function describeEntry(entry: Entry): string {
  const notice = plain(entry.DeprecatedNotice);
  const paragraphs = [isDeprecated(entry) ? `Deprecated. ${notice}`.trim() : '', plain(entry.Description)];
  const text = paragraphs.filter((paragraph) => paragraph !== '').join('\n\n');
  return cutAtSpace(text, RECORD_LIMITS.description, CUT_MARK);
}

function cutAtSpace(text: string, maximum: number, mark: string): string {
  if (text.length <= maximum) return text;
  const kept = text.slice(0, maximum - mark.length);
  return kept.slice(0, kept.lastIndexOf(' ')) + mark;
}

/** `[A](https://…) and [B](https://…)` are two; any other text is one name, because a comma may belong to it. */
function parseManagers(managedBy: string): Creator[] {
  const link = /\[([^[\]]+)\]\s?\([^()\s]*\)/g;
  const labels = [...managedBy.matchAll(link)].map((match) => plain(match[1]));
  const between = managedBy.replace(link, '').replace(/\band\b|[,;&/+\s]/g, '');
  const names = labels.length > 1 && between === '' ? labels : [plain(managedBy)];
  return names.filter((name) => name !== '' && name !== 'Not currently managed').map((name) => ({ name }));
}

function listParameters(entry: Entry): Parameter[] {
  const texts: Parameter[] = [
    { name: 'Documentation', value: plainWithAddresses(entry.Documentation) },
    { name: 'Contact', value: plainWithAddresses(entry.Contact) },
    { name: 'Update frequency', value: plain(entry.UpdateFrequency) },
    { name: 'Citation', value: plainWithAddresses(entry.Citation) },
    { name: 'Deprecated', value: isDeprecated(entry) ? plain(entry.DeprecatedNotice) || 'yes' : '' },
  ];
  return [...texts, ...(entry.Resources ?? []).map(describeResource)].filter(({ value }) => value !== '');
}

/** Enough to tell the buckets of one entry apart; some are described in thousands of characters. */
const MAX_RESOURCE_NAME_LENGTH = 200;

/** `S3 Bucket us-east-1: One CSV a day` → its ARN, or its host name where the registry gives no ARN. */
function describeResource(resource: Resource): Parameter {
  const conditions = [
    resource.RequesterPays === true ? 'requester pays' : '',
    resource.AccountRequired === true ? 'account required' : '',
    resource.ControlledAccess ? 'controlled access' : '',
  ].filter((condition) => condition !== '');
  const place = [resource.Type ?? 'Resource', resource.Region ?? ''].join(' ').trim();
  const placeAndConditions = conditions.length === 0 ? place : `${place} (${conditions.join(', ')})`;
  const contents = plain(resource.Description).replace(/\s+/g, ' ');
  const name = contents === '' ? placeAndConditions : `${placeAndConditions}: ${contents}`;
  return {
    name: cutAtSpace(name, MAX_RESOURCE_NAME_LENGTH, '…'),
    value: (resource.ARN ?? resource.Host ?? '').trim(),
  };
}

/**
 * Registrants (doi.org prefixes) whose DOIs name data. A citation often asks to cite a paper; a paper's DOI is not
 * the dataset's, so a prefix that is not listed here is left in the citation's text only.
 */
const DATA_REGISTRANTS = new Set([
  '10.1594', // PANGAEA
  '10.3334', // ORNL DAAC
  '10.5061', // Dryad
  '10.5065', // NSF NCAR
  '10.5066', // USGS
  '10.5067', // NASA Earthdata
  '10.5281', // Zenodo
  '10.5524', // GigaDB
  '10.6084', // figshare
  '10.7289', // NOAA NCEI
  '10.7910', // Harvard Dataverse
  '10.7937', // Cancer Imaging Archive
  '10.13026', // PhysioNet
  '10.15468', // GBIF
  '10.15485', // ESS-DIVE
  '10.17605', // OSF
  '10.17632', // Mendeley Data
  '10.18112', // OpenNeuro
  '10.18126', // Materials Data Facility
  '10.20383', // FRDR
  '10.21957', // ECMWF
  '10.23719', // US EPA
  '10.24381', // Copernicus Climate Data Store
  '10.25607', // OBIS
  '10.25923', // NOAA
  '10.25984', // Open Energy Data Initiative
  '10.26024', // NSF NCAR on AWS
  '10.26050', // World Data Center for Climate
  '10.26131', // IRSA
  '10.26198', // AODN
  '10.82924', // CTrees
]);

/** The one DOI of data that a citation names; none when it names several (they differ by version or part). */
function findDatasetDoi(citation: string): string | undefined {
  const found = citation.match(/10\.\d{4,9}\/[^\s"'<>()[\]{},;]+/g) ?? [];
  const dois = new Set(found.map((doi) => doi.replace(/[.:]+$/, '').toLowerCase()));
  const [doi] = dois;
  return dois.size === 1 && doi !== undefined && DATA_REGISTRANTS.has(doi.slice(0, doi.indexOf('/'))) ? doi : undefined;
}

/** The registry writes days; a record's updatedAt is an instant. */
function parseDay(day: string): string | undefined {
  return /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(day)) ? `${day}T00:00:00Z` : undefined;
}
