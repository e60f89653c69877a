// Generated from ../schema.graphql by `npm run generate`. Do not edit.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { DatasetParent, FileParent, RepositoryParent, HarvestJobParent, SearchSourceParent } from '../parents.js';
import type { Context } from '../context.js';
export type Maybe<T> = T | null | undefined;
export type InputMaybe<T> = T | null | undefined;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  link__Import: { input: unknown; output: unknown; }
  FieldSet: { input: unknown; output: unknown; }
  /** An instant in UTC, ISO 8601 with milliseconds: 2026-08-01T12:00:00.000Z. */
  Instant: { input: string; output: string; }
  /** A whole number from 0 to 2^53 - 1, as a JSON number. */
  Int64: { input: number; output: number; }
};

/** The questions that this API answers. */
export type Query = {
  /** Datasets that match the words, best first, of every repository that is indexed here. An empty text lists all. */
  searchDatasets?: Maybe<DatasetSearchConnection>;
  /** One dataset; null with NOT_FOUND when no repository has it. */
  dataset?: Maybe<Dataset>;
  /** The repositories whose datasets are indexed here, by id. */
  repositories?: Maybe<RepositoryConnection>;
  /** A harvest, by the id that harvestRepository returned. */
  harvestJob?: Maybe<HarvestJob>;
  /** Harvests, newest first. */
  harvestJobs?: Maybe<HarvestJobConnection>;
};


/** The questions that this API answers. */
export type QuerySearchDatasetsArgs = {
  text: Scalars['String']['input'];
  filter?: InputMaybe<DatasetFilter>;
  sort: DatasetSort;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
  facetSize: Scalars['Int']['input'];
};


/** The questions that this API answers. */
export type QueryDatasetArgs = {
  id: Scalars['ID']['input'];
};


/** The questions that this API answers. */
export type QueryRepositoriesArgs = {
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};


/** The questions that this API answers. */
export type QueryHarvestJobArgs = {
  id: Scalars['ID']['input'];
};


/** The questions that this API answers. */
export type QueryHarvestJobsArgs = {
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

/** What can be changed. */
export type Mutation = {
  /** Starts a harvest of one repository, or returns the one that is already under way. */
  harvestRepository: HarvestRepositoryPayload;
};


/** What can be changed. */
export type MutationHarvestRepositoryArgs = {
  input: HarvestRepositoryInput;
};

/** What to harvest. */
export type HarvestRepositoryInput = {
  /** Id of the repository. */
  repository: Scalars['ID']['input'];
  /** Read everything again, from the beginning. Else what changed since the last harvest; after one that failed, the rest of it. */
  full: Scalars['Boolean']['input'];
};

/** A harvest that was started. */
export type HarvestRepositoryPayload = {
  /** The harvest. */
  job: HarvestJob;
};

/** One reading of a repository into the index. */
export type HarvestJob = Job & {
  /** Stable for as long as the job is kept (at least a day). */
  id: Scalars['ID']['output'];
  /** How far it is. */
  state: JobState;
  /** When it was asked for. */
  startedAt: Scalars['Instant']['output'];
  /** When it ended, in whichever way. */
  finishedAt?: Maybe<Scalars['Instant']['output']>;
  /** How much is done. */
  progress: JobProgress;
  /** Why it failed; null unless state is FAILED. */
  error?: Maybe<JobError>;
  /** What is harvested. */
  repository: Repository;
  /** Records of the source that could not be read, at most 1000 kept; the others were. */
  problems: Array<RecordProblem>;
  /** How many records could not be read. */
  problemCount: Scalars['Int']['output'];
};

/** A record of a source that could not be read. */
export type RecordProblem = {
  /** The source's own name of it. */
  localId: Scalars['String']['output'];
  /** What is wrong with it, for people. */
  message: Scalars['String']['output'];
};

/** A page of harvests. */
export type HarvestJobConnection = {
  /** The harvests of this page. */
  nodes: Array<HarvestJob>;
  /** Where the page lies. */
  pageInfo: PageInfo;
};

/** Values that a dataset must have: one of the list in each field given. Values are exact, as facets show them. */
export type DatasetFilter = {
  /** Repository ids. */
  repository?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Keywords and subjects. */
  subject?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Creators' names. */
  creator?: InputMaybe<Array<Scalars['String']['input']>>;
  /** SPDX identifiers or the source's text. */
  license?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Years of publication, four digits. */
  year?: InputMaybe<Array<Scalars['String']['input']>>;
  /** DataCite general resource types. */
  resourceType?: InputMaybe<Array<Scalars['String']['input']>>;
};

/** Order of a search. */
export type DatasetSort =
  /** Best match first (BM25), ties by id. */
  | 'RELEVANCE'
  /** By id, code-unit order; its cursors hold for ever. */
  | 'ID';

/** A page of search results. */
export type DatasetSearchConnection = {
  /** Datasets that match, exactly; null when the index could not count them. */
  totalCount?: Maybe<Scalars['Int']['output']>;
  /** Which repositories answered. One that does not still has its datasets searched, as of its last harvest. */
  sources: Array<SearchSource>;
  /** How the matches fall into values; each facet ignores the filter on its own field. */
  facets: Array<Facet>;
  /** The matches of this page. */
  edges: Array<DatasetEdge>;
  /** Where the page lies. */
  pageInfo: PageInfo;
};

/** What one repository contributed to a search. */
export type SearchSource = {
  /** The repository. */
  repository: Repository;
  /** Whether its part of the answer is current. */
  state: SearchSourceState;
  /** Why it is not current, for people; null when it is. */
  message?: Maybe<Scalars['String']['output']>;
  /** Its datasets in the index; null when unknown. */
  datasetCount?: Maybe<Scalars['Int']['output']>;
  /** When it was last read to the end. */
  harvestedAt?: Maybe<Scalars['Instant']['output']>;
};

/** Whether a repository's part of an answer is current. */
export type SearchSourceState =
  /** Harvested, and the repository answers. */
  | 'OK'
  /** Being harvested for the first time: more will come. */
  | 'HARVESTING'
  /** Known, never harvested to the end: nothing or not all of it is here. */
  | 'INCOMPLETE'
  /** The repository or its adapter does not answer; what is here is from the last harvest. */
  | 'STALE';

/** How the matches fall into the values of one field. */
export type Facet = {
  /** The field counted. */
  field: FacetField;
  /** Most frequent first, ties by value. */
  buckets: Array<FacetBucket>;
  /** Counts of values that are not shown, summed. */
  otherCount: Scalars['Int']['output'];
  /** Matches without a value. */
  missingCount: Scalars['Int']['output'];
};

/** Fields that can be filtered and counted. */
export type FacetField =
  /** Repository id. */
  | 'REPOSITORY'
  /** Keyword or subject. */
  | 'SUBJECT'
  /** Creator's name. */
  | 'CREATOR'
  /** SPDX identifier or the source's text. */
  | 'LICENSE'
  /** Year of publication. */
  | 'YEAR'
  /** DataCite general resource type. */
  | 'RESOURCE_TYPE';

/** One value of a facet. */
export type FacetBucket = {
  /** The value, as filters take it. */
  value: Scalars['String']['output'];
  /** Matches that have it. */
  count: Scalars['Int']['output'];
};

/** One match. */
export type DatasetEdge = {
  /** Resumes the search after this match. */
  cursor: Scalars['String']['output'];
  /** The dataset. */
  node: Dataset;
  /** Where the words were found. */
  highlights: Array<Highlight>;
};

/** Where the words were found in one field. */
export type Highlight = {
  /** The field. */
  field: HighlightField;
  /** Pieces of its plain text; each match stands between U+0002 and U+0003, so that a page can escape first and mark after. */
  fragments: Array<Scalars['String']['output']>;
};

/** Fields in which words are looked for. */
export type HighlightField =
  /** Title. */
  | 'TITLE'
  /** Description. */
  | 'DESCRIPTION'
  /** Keyword or subject. */
  | 'SUBJECT'
  /** Creator's name. */
  | 'CREATOR';

/** A dataset of any repository: the entity on which all subgraphs meet. */
export type Dataset = {
  /** <repository>:<local id>; opaque, stable for ever. A dataset submitted to the swarm is sc:<manifest hash>. */
  id: Scalars['ID']['output'];
  /** Where it was published. */
  repository: Repository;
  /** Title. */
  title: Scalars['String']['output'];
  /** Plain text. */
  description?: Maybe<Scalars['String']['output']>;
  /** Who made it, in the source's order. */
  creators: Array<Creator>;
  /** Keywords and subjects, in the source's order. */
  subjects: Array<Scalars['String']['output']>;
  /** SPDX identifier where the source names one, else the source's text. */
  license?: Maybe<Scalars['String']['output']>;
  /** Without resolver: 10.5281/zenodo.123. */
  doi?: Maybe<Scalars['String']['output']>;
  /** Date of the precision that the source gives: 2019, 2019-04, 2019-04-01, or an instant. */
  publishedAt?: Maybe<Scalars['String']['output']>;
  /** When the source last changed the record. */
  updatedAt?: Maybe<Scalars['String']['output']>;
  /** The source's version of it. */
  version?: Maybe<Scalars['String']['output']>;
  /** BCP 47 tag. */
  language?: Maybe<Scalars['String']['output']>;
  /** DataCite general resource type. */
  resourceType?: Maybe<Scalars['String']['output']>;
  /** Page for people at the source. */
  landingPageUrl?: Maybe<Scalars['String']['output']>;
  /** Named settings of the process that made the data. */
  parameters: Array<Parameter>;
  /** The dataset that this one corrects or follows. */
  previousVersion?: Maybe<Dataset>;
  /** Its files by path; null when the source does not list them. */
  files?: Maybe<FileConnection>;
};


/** A dataset of any repository: the entity on which all subgraphs meet. */
export type DatasetFilesArgs = {
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

/** Who made a dataset. */
export type Creator = {
  /** As the source writes it, usually Family, Given. */
  name: Scalars['String']['output'];
  /** 0000-0002-1825-0097, without resolver. */
  orcid?: Maybe<Scalars['String']['output']>;
  /** Institution, as the source writes it. */
  affiliation?: Maybe<Scalars['String']['output']>;
};

/** A named setting. */
export type Parameter = {
  /** Its name. */
  name: Scalars['String']['output'];
  /** Its value as text. */
  value: Scalars['String']['output'];
};

/** A page of files. */
export type FileConnection = {
  /** Files in all. */
  totalCount: Scalars['Int']['output'];
  /** Bytes of all files; null when the size of one of them is unknown. */
  totalSizeBytes?: Maybe<Scalars['Int64']['output']>;
  /** The files of this page. */
  nodes: Array<File>;
  /** Where the page lies. */
  pageInfo: PageInfo;
};

/** One file of a dataset. */
export type File = {
  /** <dataset id>#<path>. */
  id: Scalars['ID']['output'];
  /** Relative, / between parts. */
  path: Scalars['String']['output'];
  /** Null when the source does not say. */
  sizeBytes?: Maybe<Scalars['Int64']['output']>;
  /** IANA media type. */
  mediaType?: Maybe<Scalars['String']['output']>;
  /** Digests and who vouches for each. Empty: the file is unverifiable. */
  checksums: Array<Checksum>;
  /** Where the source itself serves the bytes; null when it does not. */
  sourceUrl?: Maybe<Scalars['String']['output']>;
};

/** A digest of a file's bytes and who vouches for it. */
export type Checksum = {
  /** md5, sha1, sha256, sha512, blake3 or etag (which may not be a hash). */
  algorithm: Scalars['String']['output'];
  /** Lower-case hex for hashes, the source's text for etag. */
  value: Scalars['String']['output'];
  /** Who vouches for it. */
  origin: ChecksumOrigin;
};

/** Who vouches for a digest. */
export type ChecksumOrigin =
  /** The repository states it. */
  | 'SOURCE'
  /** Computed from the bytes when they came into the swarm. */
  | 'SWARM';

/** A place where datasets are. */
export type Repository = {
  /** The part of its datasets' ids before the colon. */
  id: Scalars['ID']['output'];
  /** Its datasets in the index; null when unknown. */
  datasetCount?: Maybe<Scalars['Int']['output']>;
  /** When it was last read to the end. */
  harvestedAt?: Maybe<Scalars['Instant']['output']>;
};

/** A page of repositories. */
export type RepositoryConnection = {
  /** The repositories of this page. */
  nodes: Array<Repository>;
  /** Where the page lies. */
  pageInfo: PageInfo;
};

/** Work that outlives its request. Ask again until finishedAt is there. */
export type Job = {
  /** Stable for as long as the job is kept (at least a day). */
  id: Scalars['ID']['output'];
  /** How far it is. */
  state: JobState;
  /** When it was asked for. */
  startedAt: Scalars['Instant']['output'];
  /** When it ended, in whichever way. */
  finishedAt?: Maybe<Scalars['Instant']['output']>;
  /** How much is done. */
  progress: JobProgress;
  /** Why it failed; null unless state is FAILED. */
  error?: Maybe<JobError>;
};

/** How far a job is. */
export type JobState =
  /** Waits for its turn. */
  | 'QUEUED'
  /** Is being worked on. */
  | 'RUNNING'
  /** Ended well. */
  | 'SUCCEEDED'
  /** Ended with an error; nothing was half done. */
  | 'FAILED';

/** How much of a job is done. */
export type JobProgress = {
  /** Units done so far. */
  done: Scalars['Int64']['output'];
  /** Units in all; null while unknown. */
  total?: Maybe<Scalars['Int64']['output']>;
  /** What is counted: datasets or bytes. */
  unit: Scalars['String']['output'];
};

/** Why a job failed. */
export type JobError = {
  /** Code of the error table (docs/errors.md). */
  code: Scalars['String']['output'];
  /** For people. */
  message: Scalars['String']['output'];
  /** The repository, peer, institution or subgraph that failed. */
  source: Scalars['String']['output'];
};

/** Where a page lies in its list. */
export type PageInfo = {
  /** True when more rows follow. */
  hasNextPage: Scalars['Boolean']['output'];
  /** Cursor of the last row of the page; null when the page is empty. */
  endCursor?: Maybe<Scalars['String']['output']>;
};



export type ResolverTypeWrapper<T> = Promise<T> | T;

export type ReferenceResolver<TResult, TReference, TContext> = (
      reference: TReference,
      context: TContext,
      info: GraphQLResolveInfo
    ) => Promise<TResult> | TResult;

      type ScalarCheck<T, S> = S extends true ? T : NullableCheck<T, S>;
      type NullableCheck<T, S> = Maybe<T> extends T ? Maybe<ListCheck<NonNullable<T>, S>> : ListCheck<T, S>;
      type ListCheck<T, S> = T extends (infer U)[] ? NullableCheck<U, S>[] : GraphQLRecursivePick<T, S>;
      export type GraphQLRecursivePick<T, S> = { [K in keyof T & keyof S]: ScalarCheck<T[K], S[K]> };
    

export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

/** Mapping of federation types */
export type FederationTypes = {
  Dataset: Dataset;
  File: File;
  Repository: Repository;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Dataset:
    ( { __typename: 'Dataset' }
    & GraphQLRecursivePick<FederationTypes['Dataset'], {"id":true}> );
  File:
    ( { __typename: 'File' }
    & GraphQLRecursivePick<FederationTypes['File'], {"id":true}> );
  Repository:
    ( { __typename: 'Repository' }
    & GraphQLRecursivePick<FederationTypes['Repository'], {"id":true}> );
};


/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Job: ( HarvestJobParent );
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  link__Import: ResolverTypeWrapper<Scalars['link__Import']['output']>;
  FieldSet: ResolverTypeWrapper<Scalars['FieldSet']['output']>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  HarvestRepositoryInput: HarvestRepositoryInput;
  HarvestRepositoryPayload: ResolverTypeWrapper<Omit<HarvestRepositoryPayload, 'job'> & { job: ResolversTypes['HarvestJob'] }>;
  HarvestJob: ResolverTypeWrapper<HarvestJobParent>;
  RecordProblem: ResolverTypeWrapper<RecordProblem>;
  HarvestJobConnection: ResolverTypeWrapper<Omit<HarvestJobConnection, 'nodes'> & { nodes: Array<ResolversTypes['HarvestJob']> }>;
  DatasetFilter: DatasetFilter;
  DatasetSort: DatasetSort;
  DatasetSearchConnection: ResolverTypeWrapper<Omit<DatasetSearchConnection, 'sources' | 'edges'> & { sources: Array<ResolversTypes['SearchSource']>, edges: Array<ResolversTypes['DatasetEdge']> }>;
  SearchSource: ResolverTypeWrapper<SearchSourceParent>;
  SearchSourceState: SearchSourceState;
  Facet: ResolverTypeWrapper<Facet>;
  FacetField: FacetField;
  FacetBucket: ResolverTypeWrapper<FacetBucket>;
  DatasetEdge: ResolverTypeWrapper<Omit<DatasetEdge, 'node'> & { node: ResolversTypes['Dataset'] }>;
  Highlight: ResolverTypeWrapper<Highlight>;
  HighlightField: HighlightField;
  Dataset: ResolverTypeWrapper<DatasetParent>;
  Creator: ResolverTypeWrapper<Creator>;
  Parameter: ResolverTypeWrapper<Parameter>;
  FileConnection: ResolverTypeWrapper<Omit<FileConnection, 'nodes'> & { nodes: Array<ResolversTypes['File']> }>;
  File: ResolverTypeWrapper<FileParent>;
  Checksum: ResolverTypeWrapper<Checksum>;
  ChecksumOrigin: ChecksumOrigin;
  Repository: ResolverTypeWrapper<RepositoryParent>;
  RepositoryConnection: ResolverTypeWrapper<Omit<RepositoryConnection, 'nodes'> & { nodes: Array<ResolversTypes['Repository']> }>;
  Job: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Job']>;
  JobState: JobState;
  JobProgress: ResolverTypeWrapper<JobProgress>;
  JobError: ResolverTypeWrapper<JobError>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Instant: ResolverTypeWrapper<Scalars['Instant']['output']>;
  Int64: ResolverTypeWrapper<Scalars['Int64']['output']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  link__Import: Scalars['link__Import']['output'];
  FieldSet: Scalars['FieldSet']['output'];
  Query: Record<PropertyKey, never>;
  Int: Scalars['Int']['output'];
  ID: Scalars['ID']['output'];
  Mutation: Record<PropertyKey, never>;
  HarvestRepositoryInput: HarvestRepositoryInput;
  HarvestRepositoryPayload: Omit<HarvestRepositoryPayload, 'job'> & { job: ResolversParentTypes['HarvestJob'] };
  HarvestJob: HarvestJobParent;
  RecordProblem: RecordProblem;
  HarvestJobConnection: Omit<HarvestJobConnection, 'nodes'> & { nodes: Array<ResolversParentTypes['HarvestJob']> };
  DatasetFilter: DatasetFilter;
  DatasetSearchConnection: Omit<DatasetSearchConnection, 'sources' | 'edges'> & { sources: Array<ResolversParentTypes['SearchSource']>, edges: Array<ResolversParentTypes['DatasetEdge']> };
  SearchSource: SearchSourceParent;
  Facet: Facet;
  FacetBucket: FacetBucket;
  DatasetEdge: Omit<DatasetEdge, 'node'> & { node: ResolversParentTypes['Dataset'] };
  Highlight: Highlight;
  Dataset: DatasetParent;
  Creator: Creator;
  Parameter: Parameter;
  FileConnection: Omit<FileConnection, 'nodes'> & { nodes: Array<ResolversParentTypes['File']> };
  File: FileParent;
  Checksum: Checksum;
  Repository: RepositoryParent;
  RepositoryConnection: Omit<RepositoryConnection, 'nodes'> & { nodes: Array<ResolversParentTypes['Repository']> };
  Job: ResolversInterfaceTypes<ResolversParentTypes>['Job'];
  JobProgress: JobProgress;
  JobError: JobError;
  PageInfo: PageInfo;
  Instant: Scalars['Instant']['output'];
  Int64: Scalars['Int64']['output'];
  String: Scalars['String']['output'];
  Boolean: Scalars['Boolean']['output'];
};

export type LinkDirectiveArgs = {
  url: Scalars['String']['input'];
  as?: Maybe<Scalars['String']['input']>;
  import?: Maybe<Array<Maybe<Scalars['link__Import']['input']>>>;
};

export type LinkDirectiveResolver<Result, Parent, ContextType = Context, Args = LinkDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ShareableDirectiveArgs = { };

export type ShareableDirectiveResolver<Result, Parent, ContextType = Context, Args = ShareableDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export interface Link__ImportScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['link__Import'], any> {
  name: 'link__Import';
}

export interface FieldSetScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['FieldSet'], any> {
  name: 'FieldSet';
}

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  searchDatasets?: Resolver<Maybe<ResolversTypes['DatasetSearchConnection']>, ParentType, ContextType, RequireFields<QuerySearchDatasetsArgs, 'text' | 'sort' | 'first' | 'facetSize'>>;
  dataset?: Resolver<Maybe<ResolversTypes['Dataset']>, ParentType, ContextType, RequireFields<QueryDatasetArgs, 'id'>>;
  repositories?: Resolver<Maybe<ResolversTypes['RepositoryConnection']>, ParentType, ContextType, RequireFields<QueryRepositoriesArgs, 'first'>>;
  harvestJob?: Resolver<Maybe<ResolversTypes['HarvestJob']>, ParentType, ContextType, RequireFields<QueryHarvestJobArgs, 'id'>>;
  harvestJobs?: Resolver<Maybe<ResolversTypes['HarvestJobConnection']>, ParentType, ContextType, RequireFields<QueryHarvestJobsArgs, 'first'>>;
};

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  harvestRepository?: Resolver<ResolversTypes['HarvestRepositoryPayload'], ParentType, ContextType, RequireFields<MutationHarvestRepositoryArgs, 'input'>>;
};

export type HarvestRepositoryPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['HarvestRepositoryPayload'] = ResolversParentTypes['HarvestRepositoryPayload']> = {
  job?: Resolver<ResolversTypes['HarvestJob'], ParentType, ContextType>;
};

export type HarvestJobResolvers<ContextType = Context, ParentType extends ResolversParentTypes['HarvestJob'] = ResolversParentTypes['HarvestJob']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['JobState'], ParentType, ContextType>;
  startedAt?: Resolver<ResolversTypes['Instant'], ParentType, ContextType>;
  finishedAt?: Resolver<Maybe<ResolversTypes['Instant']>, ParentType, ContextType>;
  progress?: Resolver<ResolversTypes['JobProgress'], ParentType, ContextType>;
  error?: Resolver<Maybe<ResolversTypes['JobError']>, ParentType, ContextType>;
  repository?: Resolver<ResolversTypes['Repository'], ParentType, ContextType>;
  problems?: Resolver<Array<ResolversTypes['RecordProblem']>, ParentType, ContextType>;
  problemCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type RecordProblemResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RecordProblem'] = ResolversParentTypes['RecordProblem']> = {
  localId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type HarvestJobConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['HarvestJobConnection'] = ResolversParentTypes['HarvestJobConnection']> = {
  nodes?: Resolver<Array<ResolversTypes['HarvestJob']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type DatasetSearchConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DatasetSearchConnection'] = ResolversParentTypes['DatasetSearchConnection']> = {
  totalCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  sources?: Resolver<Array<ResolversTypes['SearchSource']>, ParentType, ContextType>;
  facets?: Resolver<Array<ResolversTypes['Facet']>, ParentType, ContextType>;
  edges?: Resolver<Array<ResolversTypes['DatasetEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type SearchSourceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SearchSource'] = ResolversParentTypes['SearchSource']> = {
  repository?: Resolver<ResolversTypes['Repository'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['SearchSourceState'], ParentType, ContextType>;
  message?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  datasetCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  harvestedAt?: Resolver<Maybe<ResolversTypes['Instant']>, ParentType, ContextType>;
};

export type FacetResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Facet'] = ResolversParentTypes['Facet']> = {
  field?: Resolver<ResolversTypes['FacetField'], ParentType, ContextType>;
  buckets?: Resolver<Array<ResolversTypes['FacetBucket']>, ParentType, ContextType>;
  otherCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  missingCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type FacetBucketResolvers<ContextType = Context, ParentType extends ResolversParentTypes['FacetBucket'] = ResolversParentTypes['FacetBucket']> = {
  value?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type DatasetEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DatasetEdge'] = ResolversParentTypes['DatasetEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Dataset'], ParentType, ContextType>;
  highlights?: Resolver<Array<ResolversTypes['Highlight']>, ParentType, ContextType>;
};

export type HighlightResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Highlight'] = ResolversParentTypes['Highlight']> = {
  field?: Resolver<ResolversTypes['HighlightField'], ParentType, ContextType>;
  fragments?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
};

export type DatasetResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Dataset'] = ResolversParentTypes['Dataset'], FederationReferenceType extends FederationReferenceTypes['Dataset'] = FederationReferenceTypes['Dataset']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Dataset']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  repository?: Resolver<ResolversTypes['Repository'], ParentType, ContextType>;
  title?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  description?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  creators?: Resolver<Array<ResolversTypes['Creator']>, ParentType, ContextType>;
  subjects?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  license?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  doi?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  publishedAt?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  updatedAt?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  version?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  language?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  resourceType?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  landingPageUrl?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  parameters?: Resolver<Array<ResolversTypes['Parameter']>, ParentType, ContextType>;
  previousVersion?: Resolver<Maybe<ResolversTypes['Dataset']>, ParentType, ContextType>;
  files?: Resolver<Maybe<ResolversTypes['FileConnection']>, ParentType, ContextType, RequireFields<DatasetFilesArgs, 'first'>>;
};

export type CreatorResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Creator'] = ResolversParentTypes['Creator']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  orcid?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  affiliation?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type ParameterResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Parameter'] = ResolversParentTypes['Parameter']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  value?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type FileConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['FileConnection'] = ResolversParentTypes['FileConnection']> = {
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  totalSizeBytes?: Resolver<Maybe<ResolversTypes['Int64']>, ParentType, ContextType>;
  nodes?: Resolver<Array<ResolversTypes['File']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type FileResolvers<ContextType = Context, ParentType extends ResolversParentTypes['File'] = ResolversParentTypes['File'], FederationReferenceType extends FederationReferenceTypes['File'] = FederationReferenceTypes['File']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['File']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  path?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  sizeBytes?: Resolver<Maybe<ResolversTypes['Int64']>, ParentType, ContextType>;
  mediaType?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  checksums?: Resolver<Array<ResolversTypes['Checksum']>, ParentType, ContextType>;
  sourceUrl?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type ChecksumResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Checksum'] = ResolversParentTypes['Checksum']> = {
  algorithm?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  value?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  origin?: Resolver<ResolversTypes['ChecksumOrigin'], ParentType, ContextType>;
};

export type RepositoryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Repository'] = ResolversParentTypes['Repository'], FederationReferenceType extends FederationReferenceTypes['Repository'] = FederationReferenceTypes['Repository']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Repository']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  datasetCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  harvestedAt?: Resolver<Maybe<ResolversTypes['Instant']>, ParentType, ContextType>;
};

export type RepositoryConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RepositoryConnection'] = ResolversParentTypes['RepositoryConnection']> = {
  nodes?: Resolver<Array<ResolversTypes['Repository']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type JobResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Job'] = ResolversParentTypes['Job']> = {
  __resolveType: TypeResolveFn<'HarvestJob', ParentType, ContextType>;
};

export type JobProgressResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JobProgress'] = ResolversParentTypes['JobProgress']> = {
  done?: Resolver<ResolversTypes['Int64'], ParentType, ContextType>;
  total?: Resolver<Maybe<ResolversTypes['Int64']>, ParentType, ContextType>;
  unit?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type JobErrorResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JobError'] = ResolversParentTypes['JobError']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  source?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export interface InstantScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Instant'], any> {
  name: 'Instant';
}

export interface Int64ScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Int64'], any> {
  name: 'Int64';
}

export type Resolvers<ContextType = Context> = {
  link__Import?: GraphQLScalarType;
  FieldSet?: GraphQLScalarType;
  Query?: QueryResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  HarvestRepositoryPayload?: HarvestRepositoryPayloadResolvers<ContextType>;
  HarvestJob?: HarvestJobResolvers<ContextType>;
  RecordProblem?: RecordProblemResolvers<ContextType>;
  HarvestJobConnection?: HarvestJobConnectionResolvers<ContextType>;
  DatasetSearchConnection?: DatasetSearchConnectionResolvers<ContextType>;
  SearchSource?: SearchSourceResolvers<ContextType>;
  Facet?: FacetResolvers<ContextType>;
  FacetBucket?: FacetBucketResolvers<ContextType>;
  DatasetEdge?: DatasetEdgeResolvers<ContextType>;
  Highlight?: HighlightResolvers<ContextType>;
  Dataset?: DatasetResolvers<ContextType>;
  Creator?: CreatorResolvers<ContextType>;
  Parameter?: ParameterResolvers<ContextType>;
  FileConnection?: FileConnectionResolvers<ContextType>;
  File?: FileResolvers<ContextType>;
  Checksum?: ChecksumResolvers<ContextType>;
  Repository?: RepositoryResolvers<ContextType>;
  RepositoryConnection?: RepositoryConnectionResolvers<ContextType>;
  Job?: JobResolvers<ContextType>;
  JobProgress?: JobProgressResolvers<ContextType>;
  JobError?: JobErrorResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Instant?: GraphQLScalarType;
  Int64?: GraphQLScalarType;
};

export type DirectiveResolvers<ContextType = Context> = {
  link?: LinkDirectiveResolver<any, any, ContextType>;
  shareable?: ShareableDirectiveResolver<any, any, ContextType>;
};
