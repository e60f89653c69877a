import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, type ExecutionResult, GraphQLError, graphql } from 'graphql';
import { createPortalEvidence, type PortalEvidence } from './portal-evidence.js';

/**
 * A hand-made API for trying the portal in a browser: graphql-js over the real public schema, so that an answer of a wrong
 * shape fails. Its data is small, always the same, and holds what pages must bear: markup in a title, a silent source,
 * unknown sizes, a mirror under way.
 */
export interface PortalApi {
  readonly answer: (request: unknown) => Promise<ExecutionResult>;
  /** Names of the operations asked so far. */
  readonly asked: string[];
  /** What the log and the manifest of RICH_ID are made of. */
  readonly evidence: PortalEvidence;
  /** From now on the API gives another record's bytes for this entry, as a server that lies would. */
  readonly alterEntry: (entryIndex: number) => void;
}

export const DATASET_COUNT = 47;
/** The dataset with many files, copies in three states and a log of records. */
export const RICH_ID = 'sample:lorenz/attractor 1';
/** Kept by its source only. */
export const UNMIRRORED_ID = 'zenodo:10.5281/zenodo.2';
/** A search for it is answered by no search subgraph. */
export const OUTAGE_TEXT = 'outage';

const LOG_SIZE = 99;
const RECORD_COUNT = 12;

const REPOSITORIES = [
  {
    id: 'aws',
    name: 'Registry of Open Data on AWS',
    state: 'STALE',
    message: 'The last answer came 3 hours ago: connection refused',
  },
  { id: 'sample', name: 'Sample processes', state: 'OK', message: null },
  { id: 'zenodo', name: 'Zenodo', state: 'INCOMPLETE', message: 'Stopped at page 3 of 12: HTTP 503' },
] as const;

const HARVESTED_AT = '2026-08-01T09:00:00.000Z';
const TOPICS = ['chaos', 'turbulence', 'genomics', 'galaxies', 'climate'] as const;

interface Dataset {
  readonly id: string;
  readonly title: string;
  readonly description: string | null;
  readonly subjects: readonly string[];
  readonly creators: readonly { name: string; orcid: string | null; affiliation: string | null }[];
  readonly license: string | null;
  readonly year: string;
  readonly repository: string;
}

const DATASETS: readonly Dataset[] = Array.from({ length: DATASET_COUNT }, (_, index) => {
  const repository = REPOSITORIES[index % 3]?.id ?? 'sample';
  const topic = TOPICS[index % TOPICS.length] ?? 'chaos';
  return {
    id: index === 1 ? RICH_ID : index === 2 ? UNMIRRORED_ID : `${repository}:made-up/${index}`,
    title: titleOf(index, topic),
    description:
      index % 7 === 6
        ? null
        : `Made-up measurements of ${topic}, run ${index}, written for trying the portal. The state was sampled at equal steps and kept as plain columns, so that any program can read it. ${'It goes on for some lines so that the summary has to be cut. '.repeat(index % 4)}`,
    subjects: [topic, index % 2 === 0 ? 'time series' : 'simulation', `run ${index}`],
    creators: [
      { name: 'Lovelace, Ada', orcid: '0000-0002-1825-0097', affiliation: 'Analytical Engine Institute' },
      ...(index % 3 === 0 ? [{ name: 'Noether, Emmy', orcid: null, affiliation: null }] : []),
    ],
    license: index % 5 === 0 ? null : index % 2 === 0 ? 'CC-BY-4.0' : 'CC0-1.0',
    year: String(2018 + (index % 6)),
    repository,
  };
});

function titleOf(index: number, topic: string): string {
  if (index === 1) return 'Lorenz attractor <script>document.title = "broken"</script> & three orbits';
  if (index === 4) return `A_title_without_any_space_that_is_far_too_long_for_a_phone_${'x'.repeat(60)}`;
  return `Made-up ${topic} dataset number ${index}`;
}

export function createPortalApi(root: string): PortalApi {
  const schema = buildSchema(readFileSync(join(root, 'clients', 'typescript', 'gen', 'schema.graphql'), 'utf8'));
  const asked: string[] = [];
  const healthReads = new Map<string, number>();
  const jobReads = { count: 0 };
  const mirrored = new Set([RICH_ID]);
  const evidence = createPortalEvidence(RICH_ID, LOG_SIZE - RECORD_COUNT, LOG_SIZE);
  const altered = new Set<number>();
  const shown: PortalEvidence = {
    ...evidence,
    entryOf: (entryIndex) => evidence.entryOf(altered.has(entryIndex) ? entryIndex - 1 : entryIndex),
  };
  const datasetNode = (dataset: Dataset) => createDatasetNode(dataset, { mirrored, healthReads, evidence: shown });

  const rootValue = {
    searchDatasets: (args: SearchArguments) => searchDatasets(args, datasetNode),
    dataset: ({ id }: { id: string }) => {
      const dataset = DATASETS.find((candidate) => candidate.id === id);
      if (dataset === undefined) throw apiError('NOT_FOUND', `No dataset has the id ${id}`, 'search');
      return datasetNode(dataset);
    },
    provenanceRecord: ({ entryIndex }: { entryIndex: number }) => createRecord(shown, entryIndex),
    log: evidence.log,
    institutions: () => ({ nodes: evidence.institutions }),
    adapters: () => createAdapters(),
    auditDataset: ({ input }: { input: { datasetId: string } }) => ({
      dataset: rootValue.dataset({ id: input.datasetId }),
    }),
    mirrorDataset: () => ({ job: createJob(0) }),
    transferJob: () => {
      jobReads.count += 1;
      if (jobReads.count >= 2) mirrored.add(UNMIRRORED_ID);
      return createJob(jobReads.count);
    },
  };

  return {
    asked,
    evidence,
    alterEntry: (entryIndex) => altered.add(entryIndex),
    async answer(request) {
      const { query, operationName, variables } = request as {
        query: string;
        operationName?: string;
        variables?: Record<string, unknown>;
      };
      asked.push(operationName ?? '');
      return graphql({ schema, source: query, rootValue, variableValues: variables, operationName });
    },
  };
}

const apiError = (code: string, message: string, source: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code, source } });

interface SearchArguments {
  readonly text: string;
  readonly filter?: Readonly<Record<string, readonly string[] | null>> | null;
  readonly first: number;
  readonly after?: string | null;
  readonly facetSize: number;
}

const FIELDS: Readonly<Record<string, { field: string; valuesOf: (dataset: Dataset) => readonly string[] }>> = {
  repository: { field: 'REPOSITORY', valuesOf: ({ repository }) => [repository] },
  subject: { field: 'SUBJECT', valuesOf: ({ subjects }) => subjects },
  creator: { field: 'CREATOR', valuesOf: ({ creators }) => creators.map(({ name }) => name) },
  license: { field: 'LICENSE', valuesOf: ({ license }) => (license === null ? [] : [license]) },
  year: { field: 'YEAR', valuesOf: ({ year }) => [year] },
  resourceType: { field: 'RESOURCE_TYPE', valuesOf: () => ['Dataset'] },
};

function searchDatasets(args: SearchArguments, datasetNode: (dataset: Dataset) => unknown) {
  if (args.text === OUTAGE_TEXT) throw apiError('SOURCE_UNAVAILABLE', 'The subgraph does not answer', 'search');
  if (args.after === 'expired') throw apiError('CURSOR_EXPIRED', 'The index was renewed', 'search');
  const words = args.text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = DATASETS.filter(({ title, description }) =>
    words.every((word) => `${title} ${description ?? ''}`.toLowerCase().includes(word)),
  );
  const passes = (dataset: Dataset, except?: string): boolean =>
    Object.entries(args.filter ?? {}).every(
      ([name, values]) =>
        name === except || !values || (FIELDS[name]?.valuesOf(dataset) ?? []).some((value) => values.includes(value)),
    );
  const matches = found.filter((dataset) => passes(dataset));
  const start = args.after ? Number(args.after) + 1 : 0;
  const page = matches.slice(start, start + args.first);
  return {
    totalCount: matches.length,
    sources: REPOSITORIES.map(({ id, name, state, message }) => ({
      repository: { id, name },
      state,
      message,
      datasetCount: DATASETS.filter(({ repository }) => repository === id).length,
      harvestedAt: id === 'zenodo' ? null : HARVESTED_AT,
    })),
    facets: Object.entries(FIELDS).map(([name, { field, valuesOf }]) =>
      createFacet(field, found.filter((dataset) => passes(dataset, name)).map(valuesOf), args.facetSize),
    ),
    edges: page.map((dataset, index) => ({
      cursor: String(start + index),
      node: datasetNode(dataset),
      highlights: words.length === 0 ? [] : createHighlights(dataset, words),
    })),
    pageInfo: {
      hasNextPage: start + page.length < matches.length,
      endCursor: page.length === 0 ? null : String(start + page.length - 1),
    },
  };
}

function createFacet(field: string, values: readonly (readonly string[])[], size: number) {
  const counts = new Map<string, number>();
  for (const value of values.flat()) counts.set(value, (counts.get(value) ?? 0) + 1);
  const buckets = [...counts].map(([value, count]) => ({ value, count }));
  buckets.sort((left, right) => right.count - left.count || (left.value < right.value ? -1 : 1));
  return {
    field,
    buckets: buckets.slice(0, size),
    otherCount: buckets.slice(size).reduce((sum, { count }) => sum + count, 0),
    missingCount: values.filter((list) => list.length === 0).length,
  };
}

function createHighlights({ title, description }: Dataset, words: readonly string[]) {
  const mark = (text: string): string =>
    text.replace(new RegExp(words.map((word) => word.replace(/\W/g, '\\$&')).join('|'), 'gi'), '\u0002$&\u0003');
  return [
    ['TITLE', title],
    ['DESCRIPTION', (description ?? '').slice(0, 160)],
  ]
    .map(([field, text = '']) => ({ field, fragments: [mark(text)] }))
    .filter(({ fragments }) => fragments[0]?.includes('\u0002'));
}

interface Holdings {
  readonly mirrored: ReadonlySet<string>;
  readonly healthReads: Map<string, number>;
  readonly evidence: PortalEvidence;
}

function createDatasetNode(dataset: Dataset, { mirrored, healthReads, evidence }: Holdings) {
  const { id, repository } = dataset;
  const known = REPOSITORIES.find((candidate) => candidate.id === repository);
  return {
    ...dataset,
    doi: id.startsWith('zenodo:10.') ? id.slice('zenodo:'.length) : null,
    publishedAt: `${dataset.year}-04-01`,
    updatedAt: null,
    version: '1.2',
    language: null,
    resourceType: 'Dataset',
    // A source may write anything: such a link must not be shown.
    landingPageUrl: id === RICH_ID ? 'javascript:alert(1)' : `https://example.org/${encodeURIComponent(id)}`,
    parameters: [{ name: 'sigma', value: '10' }],
    previousVersion: null,
    repository: {
      id: repository,
      name: known?.name ?? null,
      harvestedAt: HARVESTED_AT,
      adapter: { state: repository === 'aws' ? 'SUSPENDED' : 'HEALTHY', reason: null, lastSeenAt: HARVESTED_AT },
    },
    files: (page: Page) => (repository === 'aws' ? null : createFiles(id, page)),
    manifest: mirrored.has(id) ? { ...evidence.manifest, chunkCount: 120, totalSizeBytes: 125_829_120 } : null,
    health: () => (mirrored.has(id) ? createHealth(id, healthReads) : null),
    provenance: () => (id === RICH_ID ? { records: (page: Page) => createRecords(evidence, page) } : null),
  };
}

interface Page {
  readonly first: number;
  readonly after?: string | null;
}

function createPage<Node>(count: number, { first, after }: Page, nodeOf: (index: number) => Node) {
  const start = after ? Number(after) + 1 : 0;
  const end = Math.min(start + first, count);
  return {
    totalCount: count,
    nodes: Array.from({ length: Math.max(end - start, 0) }, (_, index) => nodeOf(start + index)),
    pageInfo: { hasNextPage: end < count, endCursor: end > start ? String(end - 1) : null },
  };
}

function createFiles(id: string, page: Page) {
  const count = id === RICH_ID ? 120 : 2;
  const files = createPage(count, page, (index) => ({
    id: `${id}#runs/${index}.csv`,
    path: `runs/orbit-${String(index).padStart(3, '0')}.csv`,
    sizeBytes: index === 1 ? null : 1_048_576 * (index + 1),
    mediaType: 'text/csv',
    checksums:
      index === 1
        ? []
        : [
            { algorithm: 'sha256', value: String(index).padStart(64, '0'), origin: 'SWARM' },
            { algorithm: 'md5', value: String(index).padStart(32, 'f'), origin: 'SOURCE' },
          ],
    downloads:
      index === 1
        ? null
        : [
            { protocol: 'SWARM_HTTP', url: `/files/${index}`, expiresAt: '2026-08-01T13:00:00.000Z' },
            { protocol: 'SOURCE', url: `https://example.org/${index}`, expiresAt: null },
          ],
  }));
  return { ...files, totalSizeBytes: id === RICH_ID ? null : 3_145_728 };
}

/** Replicating when first read, well after that. */
function createHealth(id: string, reads: Map<string, number>) {
  const read = (reads.get(id) ?? 0) + 1;
  reads.set(id, read);
  const isDone = read > 1;
  const copy = (institution: string, state: string, held: number | null, reason: string) => ({
    institution: { id: institution, name: institution === 'ocean' ? 'Ocean Data Centre' : null },
    peer: { id: `${institution}-peer` },
    state,
    reason,
    heldChunkCount: held,
    totalChunkCount: 120,
    lastAuditedAt: state === 'COPYING' ? null : '2026-08-01T11:59:00.000Z',
  });
  return {
    state: isDone ? 'OK' : 'REPLICATING',
    reason: isDone ? 'Three institutions answered their challenge.' : 'One copy is being made.',
    requiredCopies: 3,
    missingCopies: isDone ? 0 : 1,
    lastAuditedAt: '2026-08-01T11:59:00.000Z',
    copies: [
      copy('alps', 'AVAILABLE', 120, 'Answered its last challenge rightly'),
      isDone
        ? copy('forest', 'AVAILABLE', 120, 'Answered its last challenge rightly')
        : copy('forest', 'COPYING', 48, 'Fetching from alps-peer'),
      copy('ocean', 'TEMPORARY_UNAVAILABLE', null, 'Does not answer since 2026-08-01 11:40 UTC'),
    ],
  };
}

const createRecords = (evidence: PortalEvidence, page: Page) =>
  createPage(RECORD_COUNT, page, (index) => createRecord(evidence, LOG_SIZE - 1 - index));

function createRecord(evidence: PortalEvidence, entryIndex: number) {
  return {
    id: `log.example/${entryIndex}`,
    activity: evidence.activityOf(entryIndex),
    entity: RICH_ID,
    agent: 'alps',
    used: [RICH_ID],
    generated: [],
    recordedAt: '2026-08-01T11:58:00.000Z',
    detail: [{ name: 'chunks', value: '120' }],
    entryIndex,
    entry: evidence.entryOf(entryIndex),
    proof: () => evidence.proofOf(entryIndex),
  };
}

const createJob = (read: number) => ({
  __typename: 'TransferJob',
  id: 'job-1',
  state: read >= 2 ? 'SUCCEEDED' : 'RUNNING',
  startedAt: HARVESTED_AT,
  finishedAt: read >= 2 ? HARVESTED_AT : null,
  progress: { done: Math.min(read, 2) * 50_000_000, total: 100_000_000, unit: 'bytes' },
  error: null,
  dataset: null,
});

function createAdapters() {
  const adapter = (id: string, kind: string, institution: string, state: string, supports: readonly string[]) => ({
    id,
    kind,
    institution: { id: institution, name: institution === 'ocean' ? 'Ocean Data Centre' : null },
    name: `Adapter ${id}`,
    description: 'Made up for trying the portal.',
    state,
    reason: state === 'SUSPENDED' ? 'Its lease ended 12 minutes ago' : null,
    supports,
    address: '127.0.0.1:1',
    lastSeenAt: HARVESTED_AT,
  });
  return {
    totalCount: 4,
    nodes: [
      adapter('alps-peer', 'STORAGE_PEER', 'alps', 'HEALTHY', []),
      adapter('aws', 'REPOSITORY', 'alps', 'SUSPENDED', ['datasets-since', 'entries']),
      adapter('ocean-log', 'LEDGER', 'ocean', 'REGISTERED', ['proofs']),
      adapter('sample', 'REPOSITORY', 'ocean', 'HEALTHY', ['datasets', 'files', 'ranges', 'checksums']),
    ],
    pageInfo: { hasNextPage: false, endCursor: '3' },
  };
}
