import {
  FACET_FIELDS,
  type FacetField,
  type SearchFilter,
  type SearchRequest,
} from '../../adapters/search/contract.js';
import { pageByKey } from '../../core/cursor.js';
import { SciclomaticError } from '../../core/errors.js';
import { createFileId, parseDatasetId, parseRepositoryId, splitDatasetId, splitFileId } from '../../core/ids.js';
import type { DatasetRecord } from '../../formats/dataset-record.js';
import { selectsField } from '../selects-field.js';
import type { Context } from './context.js';
import type {
  DatasetFilter,
  FacetField as FacetFieldName,
  QuerySearchDatasetsArgs,
  Resolvers,
} from './gen/resolver-types.js';

/** Longest text that is searched for, in UTF-16 code units. */
const MAX_TEXT_LENGTH = 2000;
/** Most values in one field of a filter. */
const MAX_FILTER_VALUES = 1000;
/** Most buckets of a facet. */
const MAX_FACET_SIZE = 1000;

export const resolvers: Resolvers = {
  Query: {
    searchDatasets: async (_root, searched, context, info) => {
      const request = toSearchRequest(searched, selectsField(info, 'facets'));
      const { hits, totalCount, hasNextPage, facets } = await context.index.search(request, context.call);
      return {
        totalCount,
        sources: await context.loaders.listSources(),
        facets: facets.map((facet) => ({ ...facet, field: FACET_NAMES[facet.field], buckets: [...facet.buckets] })),
        edges: hits.map(({ record, cursor, highlights }) => ({
          cursor,
          node: record,
          highlights: highlights.map(({ field, fragments }) => ({
            field: HIGHLIGHT_NAMES[field],
            fragments: [...fragments],
          })),
        })),
        pageInfo: { hasNextPage, endCursor: hits.at(-1)?.cursor ?? null },
      };
    },
    dataset: (_root, { id }, context) => readDataset(id, context),
    repositories: async (_root, { first, after }, { loaders }) => {
      const repositories = (await loaders.listSources()).map(({ repository }) => repository);
      return pageByKey('repositories', repositories, ({ id }) => id, first, after);
    },
    harvestJob: (_root, { id }, { jobs }) => jobs.read(id) ?? null,
    harvestJobs: (_root, { first, after }, { jobs }) => {
      // Newest first by a key that sorts ascending, so that the cursor stays right while jobs are added.
      const keyed = jobs.list().map((job) => ({
        job,
        key: `${String(Number.MAX_SAFE_INTEGER - Date.parse(job.startedAt)).padStart(16, '0')} ${job.id}`,
      }));
      const { nodes, pageInfo } = pageByKey(
        'harvestJobs',
        keyed.sort((a, b) => (a.key < b.key ? -1 : 1)),
        ({ key }) => key,
        first,
        after,
      );
      return { nodes: nodes.map(({ job }) => job), pageInfo };
    },
  },
  Mutation: {
    harvestRepository: async (_root, { input }, { harvester, loaders }) => {
      const repository = parseRepositoryId(input.repository);
      if (!(await loaders.sources.load(repository))) throw unknownRepository(repository);
      return { job: await harvester.start(repository, { full: input.full, anew: input.full }) };
    },
  },
  Dataset: {
    __resolveReference: async ({ id }, { loaders }) => (await loaders.datasets.load(id)) ?? null,
    repository: ({ id }) => ({ id: splitDatasetId(parseDatasetId(id)).repository }),
    creators: ({ creators }) => [...creators],
    subjects: ({ subjects }) => [...subjects],
    parameters: ({ parameters }) => [...(parameters ?? [])],
    previousVersion: async ({ previousVersion }, _arguments, { loaders }) =>
      previousVersion === undefined ? null : ((await loaders.datasets.load(previousVersion)) ?? null),
    files: ({ id, files }, { first, after }) => {
      if (files === null) return null;
      const page = pageByKey(`files ${id}`, files, ({ path }) => path, first, after);
      const sizes = files.map(({ sizeBytes }) => sizeBytes);
      const known = sizes.filter((size) => size !== null);
      return {
        totalCount: files.length,
        totalSizeBytes: known.length === sizes.length ? known.reduce((sum, size) => sum + size, 0) : null,
        nodes: page.nodes.map((file) => ({ datasetId: id, file })),
        pageInfo: page.pageInfo,
      };
    },
  },
  File: {
    __resolveReference: async ({ id }, { loaders }) => {
      const { dataset, path } = splitFileId(id);
      const file = (await loaders.datasets.load(dataset))?.files?.find((one) => one.path === path);
      return file ? { datasetId: dataset, file } : null;
    },
    id: ({ datasetId, file }) => createFileId(parseDatasetId(datasetId), file.path),
    path: ({ file }) => file.path,
    sizeBytes: ({ file }) => file.sizeBytes,
    mediaType: ({ file }) => file.mediaType,
    checksums: ({ file }) => [...file.checksums],
    sourceUrl: ({ file }) => file.sourceUrl,
  },
  Repository: {
    __resolveReference: ({ id }) => ({ id }),
    datasetCount: async ({ id }, _arguments, { loaders }) => (await loaders.sources.load(id))?.datasetCount ?? null,
    harvestedAt: async ({ id }, _arguments, { loaders }) => (await loaders.sources.load(id))?.harvestedAt ?? null,
  },
  HarvestJob: {
    repository: ({ repository }) => ({ id: repository }),
    progress: ({ recordCount }) => ({ done: recordCount, total: null, unit: 'datasets' }),
    problems: ({ problems }) => [...problems],
    error: ({ error, repository }) => error && { ...error, source: error.source ?? repository },
  },
  SearchSource: {
    repository: ({ repository }) => repository,
  },
};

const FACET_NAMES: Readonly<Record<FacetField, FacetFieldName>> = {
  repository: 'REPOSITORY',
  subject: 'SUBJECT',
  creator: 'CREATOR',
  license: 'LICENSE',
  year: 'YEAR',
  resourceType: 'RESOURCE_TYPE',
};

const HIGHLIGHT_NAMES = { title: 'TITLE', description: 'DESCRIPTION', subject: 'SUBJECT', creator: 'CREATOR' } as const;

function toSearchRequest(
  { text, filter, sort, first, after, facetSize }: QuerySearchDatasetsArgs,
  withFacets: boolean,
): SearchRequest {
  if (text.length > MAX_TEXT_LENGTH)
    throw new SciclomaticError(
      'LIMIT_EXCEEDED',
      `text has ${text.length} characters; the maximum is ${MAX_TEXT_LENGTH}`,
    );
  if (!Number.isInteger(facetSize) || facetSize < 1 || facetSize > MAX_FACET_SIZE) {
    throw new SciclomaticError('LIMIT_EXCEEDED', `facetSize is ${facetSize}; it must be 1 to ${MAX_FACET_SIZE}`);
  }
  return {
    text,
    filter: toSearchFilter(filter),
    sort,
    first,
    after: after ?? undefined,
    facets: withFacets ? FACET_FIELDS.map((field) => ({ field, size: facetSize })) : [],
    highlight: true,
  };
}

function toSearchFilter(filter: DatasetFilter | null | undefined): SearchFilter {
  const entries = FACET_FIELDS.flatMap((field) => {
    const values = filter?.[field];
    if (!values) return [];
    if (values.length > MAX_FILTER_VALUES)
      throw new SciclomaticError(
        'LIMIT_EXCEEDED',
        `filter.${field} has ${values.length} values; the maximum is ${MAX_FILTER_VALUES}`,
      );
    return [[field, values]];
  });
  return Object.fromEntries(entries) as SearchFilter;
}

/** From the index; a dataset that was not harvested yet is asked of its repository. */
async function readDataset(id: string, { loaders, openRepository, call }: Context): Promise<DatasetRecord> {
  const dataset = parseDatasetId(id);
  const indexed = await loaders.datasets.load(dataset);
  if (indexed) return indexed;
  const { repository, localId } = splitDatasetId(dataset);
  const source = await loaders.sources.load(repository);
  if (!source) throw unknownRepository(repository);
  const adapter = await openRepository(repository, call);
  try {
    return await adapter.readDataset(localId, call);
  } finally {
    await adapter.close();
  }
}

function unknownRepository(repository: string): SciclomaticError {
  return new SciclomaticError('UNKNOWN_REPOSITORY', `No repository ${repository} is known here`, {
    source: repository,
  });
}
