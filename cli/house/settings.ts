import { z } from 'zod';
import { secret } from '../../core/config.js';
import { gatewayConfigSchema } from '../../gateway/config.js';
import { provenanceConfigSchema } from '../../subgraphs/provenance/config.js';
import { registryConfigSchema } from '../../subgraphs/registry/config.js';
import { replicationConfigSchema } from '../../subgraphs/replication/config.js';
import { searchConfigSchema } from '../../subgraphs/search/config.js';
import { storageConfigSchema } from '../../subgraphs/storage/config.js';
import { peerConfigSchema } from '../../subgraphs/storage/peer/config.js';

/** Roles of `sc serve`; `all` is every part in one process. */
export const ROLES = [
  'all',
  'gateway',
  'registry',
  'search',
  'storage',
  'replication',
  'provenance',
  'peer',
  'repository',
] as const;
export type Role = (typeof ROLES)[number];

const port = (standard: number) => z.number().int().min(0).max(65_535).default(standard);
const name = z.string().regex(/^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$/, 'must be 1 to 64 of a-z, 0-9, "." and "-"');
const address = z.string().regex(/^\S+:\d{1,5}$/, 'must be host:port');

/** Settings of every role. */
const common = {
  /** Where everything that lasts is kept. */
  dataDir: z.string().min(1).default('data'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Address that servers listen on; loopback, because who may reach it is for the operator to decide. */
  host: z.string().min(1).default('127.0.0.1'),
  /** Id of the institution that runs this process and signs what it does. */
  institution: name.default('alpha'),
  /** Folder of institutions' private keys; `institutions` in the data folder when absent. The parts of one institution share it. */
  keyDir: z.string().min(1).optional(),
  /** Its name for people; its id when absent. */
  institutionName: z.string().max(256).optional(),
} as const;

/** Settings of roles that find others through the registry. */
const registered = {
  /** host:port of the registry's gRPC server. */
  registry: address.default('127.0.0.1:4001'),
} as const;

/** Secrets of roles that serve repositories. */
const sourceSecrets = {
  /** Access token for Zenodo: larger pages and limits. Only from the environment or a file that it names. */
  zenodoToken: secret().optional(),
} as const;

/** Settings of roles that listen for gRPC; health and metrics are served over HTTP beside it. */
const grpcServer = {
  /** Port of HTTP: health and metrics; 0 = any free one. */
  port: port(0),
  /** Port of the gRPC server; 0 = any free one. */
  grpcPort: port(0),
  /** host:port under which others reach it, when that is not where it listens. */
  advertisedAddress: address.optional(),
} as const;

/** Settings of subgraphs that run alone. */
const subgraph = {
  /** Port of GraphQL over HTTP; 0 = any free one. */
  port: port(0),
  /** Where the gateway serves its public keys. */
  callerKeys: z.url().default('http://127.0.0.1:4000/.well-known/jwks.json'),
} as const;

/** One repository to serve, with the options of its adapter. */
export const sourceSchema = z.discriminatedUnion('adapter', [
  z.strictObject({ adapter: z.literal('sample'), id: name.optional() }),
  z.strictObject({ adapter: z.literal('swarm') }),
  z.strictObject({
    adapter: z.literal('aws-open-data'),
    id: name.optional(),
    folder: z.string().optional(),
    url: z.url().optional(),
  }),
  z.strictObject({
    adapter: z.literal('zenodo'),
    id: name.optional(),
    baseUrl: z.url().optional(),
    protocol: z.enum(['rest', 'oai-pmh']).default('oai-pmh'),
    endpointPath: z.string().optional(),
    metadataPrefix: z.enum(['datacite', 'oai_datacite', 'oai_dc']).optional(),
    set: z.string().optional(),
    query: z.string().optional(),
    sort: z.string().optional(),
    parameters: z.record(z.string(), z.string()).optional(),
    pageSize: z.number().int().optional(),
    from: z.string().optional(),
    until: z.string().optional(),
    windowRecords: z.number().int().optional(),
  }),
]);
export type Source = z.infer<typeof sourceSchema>;

const storage = {
  ...storageConfigSchema.shape,
  /** Origin under which clients reach the gateway; from each request when absent. */
  publicUrl: z.url().optional(),
} as const;

const { supergraph, callerKeyFile, portalDir, ...gatewayDefaults } = gatewayConfigSchema.shape;

/** Settings by role, as zod objects: `sc serve --help` and docs/operations are about these. */
export const ROLE_SETTINGS = {
  all: z.object({
    ...common,
    ...searchConfigSchema.shape,
    ...registryConfigSchema.shape,
    ...provenanceConfigSchema.shape,
    ...storage,
    ...replicationConfigSchema.shape,
    ...peerConfigSchema.shape,
    ...sourceSecrets,
    /** Port of the gateway: portal, GraphQL, files. */
    port: port(4000),
    /** Port of the registry's gRPC server, where adapters of others register. */
    registryPort: port(4001),
    /** Repositories beside sample and swarm. In the file only. */
    sources: z.array(sourceSchema).default([]),
    /** Institutions of the three peers. In the file only. */
    peers: z.array(z.strictObject({ institution: name, name: z.string().optional() })).default([
      { institution: 'alpha', name: 'Alpha (this machine)' },
      { institution: 'beta', name: 'Beta (this machine)' },
      { institution: 'gamma', name: 'Gamma (this machine)' },
    ]),
    /** Mirror the sample datasets into the swarm at the first start, so that their health and provenance are real. */
    mirrorSamples: z.boolean().default(true),
    corsOrigins: gatewayDefaults.corsOrigins,
  }),
  gateway: z.object({
    ...common,
    ...gatewayDefaults,
    supergraph: supergraph.optional(),
    callerKeyFile: callerKeyFile.optional(),
    portalDir,
    /** Where each subgraph of the house answers; those absent are where the supergraph says. */
    searchUrl: z.url().optional(),
    storageUrl: z.url().optional(),
    replicationUrl: z.url().optional(),
    provenanceUrl: z.url().optional(),
    registryUrl: z.url().optional(),
  }),
  registry: z.object({ ...common, ...subgraph, ...registryConfigSchema.shape, ...grpcServer, grpcPort: port(4001) }),
  search: z.object({ ...common, ...subgraph, ...registered, ...searchConfigSchema.shape }),
  storage: z.object({ ...common, ...subgraph, ...registered, ...storage }),
  replication: z.object({ ...common, ...subgraph, ...registered, ...replicationConfigSchema.shape }),
  provenance: z.object({
    ...common,
    ...subgraph,
    ...registered,
    ...grpcServer,
    ...provenanceConfigSchema.shape,
  }),
  peer: z.object({ ...common, ...registered, ...grpcServer, ...peerConfigSchema.shape }),
  repository: z.object({
    ...common,
    ...registered,
    ...grpcServer,
    ...sourceSecrets,
    institution: name.default('guest'),
    /** Adapter to serve: sample, swarm, aws-open-data or zenodo. */
    adapter: z.string().default('sample'),
    /** Id under which the repository registers. */
    id: name.optional(),
    /** More repositories. In the file only. */
    sources: z.array(sourceSchema).default([]),
  }),
} as const satisfies Record<Role, z.ZodObject>;

export type Settings<Name extends Role> = Readonly<z.infer<(typeof ROLE_SETTINGS)[Name]>>;
