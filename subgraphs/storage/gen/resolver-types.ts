// Generated from ../schema.graphql by `npm run generate`. Do not edit.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { DatasetParent, FileParent, PeerParent, TransferJobParent } from '../parents.js';
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
  /** The peers of the swarm that are known here, by id. */
  peers?: Maybe<PeerConnection>;
  /** A transfer into the swarm, by the id that submitDataset or mirrorDataset returned. */
  transferJob?: Maybe<TransferJob>;
  /** Transfers into the swarm, newest first. */
  transferJobs?: Maybe<TransferJobConnection>;
};


/** The questions that this API answers. */
export type QueryPeersArgs = {
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};


/** The questions that this API answers. */
export type QueryTransferJobArgs = {
  id: Scalars['ID']['input'];
};


/** The questions that this API answers. */
export type QueryTransferJobsArgs = {
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

/** What can be changed. */
export type Mutation = {
  /** Gives a signed URL for each file: PUT its bytes there, then name the upload in submitDataset. URLs hold for an hour, what was uploaded for a day. */
  createUploads: CreateUploadsPayload;
  /** Makes a dataset of uploaded files, signs its manifest and begins to copy it to other institutions. What is submitted never changes. */
  submitDataset: SubmitDatasetPayload;
  /** Fetches a dataset of any repository into the swarm under its own id, its source's checksums verified on the way in. Returns the job that is already under way, if there is one. */
  mirrorDataset: MirrorDatasetPayload;
};


/** What can be changed. */
export type MutationCreateUploadsArgs = {
  input: Array<CreateUploadInput>;
};


/** What can be changed. */
export type MutationSubmitDatasetArgs = {
  input: SubmitDatasetInput;
};


/** What can be changed. */
export type MutationMirrorDatasetArgs = {
  input: MirrorDatasetInput;
};

/** A file to upload. */
export type CreateUploadInput = {
  /** Relative, / between parts, no .. and no NUL; at most 4096 bytes. */
  path: Scalars['String']['input'];
  /** Bytes of the file; what is sent must have exactly this length. */
  sizeBytes: Scalars['Int64']['input'];
  /** SHA-256 of the bytes, lower-case hex; when given, what is sent must have it. */
  sha256?: InputMaybe<Scalars['String']['input']>;
};

/** Where to upload files. */
export type CreateUploadsPayload = {
  /** One for each input, in order. */
  uploads: Array<Upload>;
};

/** Where to upload one file. */
export type Upload = {
  /** To be named in submitDataset. */
  id: Scalars['ID']['output'];
  /** The path given. */
  path: Scalars['String']['output'];
  /** PUT the bytes here, without credentials. */
  url: Scalars['String']['output'];
  /** When the URL ends. */
  expiresAt: Scalars['Instant']['output'];
};

/** A dataset to submit. */
export type SubmitDatasetInput = {
  /** Title, 1 to 4096 characters. */
  title: Scalars['String']['input'];
  /** Plain text, at most 262144 characters. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** Who made it; at least one. */
  creators: Array<CreatorInput>;
  /** Keywords and subjects. */
  subjects: Array<Scalars['String']['input']>;
  /** SPDX identifier. */
  license?: InputMaybe<Scalars['String']['input']>;
  /** Without resolver. */
  doi?: InputMaybe<Scalars['String']['input']>;
  /** Date or instant, ISO 8601; the moment of submission when absent. */
  publishedAt?: InputMaybe<Scalars['String']['input']>;
  /** Version of the dataset. */
  version?: InputMaybe<Scalars['String']['input']>;
  /** BCP 47 tag. */
  language?: InputMaybe<Scalars['String']['input']>;
  /** DataCite general resource type. */
  resourceType: Scalars['String']['input'];
  /** Named settings of the process that made the data. */
  parameters: Array<ParameterInput>;
  /** Id of the swarm dataset that this one corrects or follows. */
  previousVersion?: InputMaybe<Scalars['ID']['input']>;
  /** Uploads that are complete; at least one, each path once. */
  uploadIds: Array<Scalars['ID']['input']>;
};

/** Who made a dataset. */
export type CreatorInput = {
  /** Usually Family, Given. */
  name: Scalars['String']['input'];
  /** 0000-0002-1825-0097, without resolver. */
  orcid?: InputMaybe<Scalars['String']['input']>;
  /** Institution. */
  affiliation?: InputMaybe<Scalars['String']['input']>;
};

/** A named setting. */
export type ParameterInput = {
  /** Its name. */
  name: Scalars['String']['input'];
  /** Its value as text. */
  value: Scalars['String']['input'];
};

/** A dataset that was submitted. */
export type SubmitDatasetPayload = {
  /** The dataset; its id is sc:<manifest hash>. Searchable once the swarm was harvested, which follows at once. */
  dataset: Dataset;
  /** The transfer, already finished: its copies to other institutions are shown by health. */
  job: TransferJob;
};

/** What to mirror. */
export type MirrorDatasetInput = {
  /** Id of the dataset at its repository. */
  datasetId: Scalars['ID']['input'];
};

/** A mirror that was begun. */
export type MirrorDatasetPayload = {
  /** The transfer. */
  job: TransferJob;
};

/** Bytes on their way into the swarm. */
export type TransferJob = Job & {
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
  /** What is transferred; null until its id is known. */
  dataset?: Maybe<Dataset>;
};

/** A page of transfers. */
export type TransferJobConnection = {
  /** The transfers of this page. */
  nodes: Array<TransferJob>;
  /** Where the page lies. */
  pageInfo: PageInfo;
};

/** A member of the swarm that keeps chunks. */
export type Peer = {
  /** Its adapter id. */
  id: Scalars['ID']['output'];
  /** Who runs it. */
  institution: Institution;
  /** host:port of its gRPC server. */
  address: Scalars['String']['output'];
  /** Whether it answered when asked just now. */
  reachable: Scalars['Boolean']['output'];
  /** Chunks held; null when it does not answer. */
  chunkCount?: Maybe<Scalars['Int64']['output']>;
  /** Bytes of the chunks held; null when it does not answer. */
  storedBytes?: Maybe<Scalars['Int64']['output']>;
  /** Bytes that may still be written: what is left of the quota or of the disk, whichever is less; null when it knows no limit or does not answer. */
  freeBytes?: Maybe<Scalars['Int64']['output']>;
};

/** A page of peers. */
export type PeerConnection = {
  /** The peers of this page. */
  nodes: Array<Peer>;
  /** Where the page lies. */
  pageInfo: PageInfo;
};

/** Who runs adapters and keeps copies. */
export type Institution = {
  /** 1 to 64 of a-z, 0-9, . and -. */
  id: Scalars['ID']['output'];
};

/** A dataset of any repository: the entity on which all subgraphs meet. */
export type Dataset = {
  /** <repository>:<local id>; opaque, stable for ever. A dataset submitted to the swarm is sc:<manifest hash>. */
  id: Scalars['ID']['output'];
  /** The swarm's newest manifest of it; null when the swarm does not hold the dataset. */
  manifest?: Maybe<Manifest>;
};

/** Which files and chunks a dataset of the swarm is made of. */
export type Manifest = {
  /** BLAKE3-256 of its canonical bytes, lower-case hex. */
  hash: Scalars['String']['output'];
  /** Signed record (formats/signed-record.ts) as JSON text, whose payload is the manifest. */
  signedRecord: Scalars['String']['output'];
  /** Chunks of all files. */
  chunkCount: Scalars['Int']['output'];
  /** Bytes of all files. */
  totalSizeBytes: Scalars['Int64']['output'];
};

/** One file of a dataset. */
export type File = {
  /** <dataset id>#<path>. */
  id: Scalars['ID']['output'];
  /** Where the source itself serves the bytes; null when it does not. */
  sourceUrl?: Maybe<Scalars['String']['output']>;
  /** Where the bytes can be had, best first: the swarm's copies (verified against the manifest), then the source. Null when the swarm cannot say. */
  downloads?: Maybe<Array<Download>>;
};

/** One way to get a file's bytes. */
export type Download = {
  /** How. */
  protocol: DownloadProtocol;
  /** GET it; Range is honoured by the swarm. */
  url: Scalars['String']['output'];
  /** When the URL ends; null when it does not. */
  expiresAt?: Maybe<Scalars['Instant']['output']>;
};

/** How a file's bytes are fetched. */
export type DownloadProtocol =
  /** From the swarm over HTTP, with Range, ETag and Repr-Digest. */
  | 'SWARM_HTTP'
  /** From the source itself, as the source serves it. */
  | 'SOURCE';

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
  Peer: Peer;
  Dataset: Dataset;
  File: File;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Peer:
    ( { __typename: 'Peer' }
    & GraphQLRecursivePick<FederationTypes['Peer'], {"id":true}> );
  Dataset:
    ( { __typename: 'Dataset' }
    & GraphQLRecursivePick<FederationTypes['Dataset'], {"id":true}> );
  File:
    ( { __typename: 'File' }
    & GraphQLRecursivePick<FederationTypes['File'], {"id":true}>
    & ( Record<PropertyKey, never>
        | GraphQLRecursivePick<FederationTypes['File'], {"sourceUrl":true}> ) );
};


/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Job: ( TransferJobParent );
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  link__Import: ResolverTypeWrapper<Scalars['link__Import']['output']>;
  FieldSet: ResolverTypeWrapper<Scalars['FieldSet']['output']>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  CreateUploadInput: CreateUploadInput;
  CreateUploadsPayload: ResolverTypeWrapper<CreateUploadsPayload>;
  Upload: ResolverTypeWrapper<Upload>;
  SubmitDatasetInput: SubmitDatasetInput;
  CreatorInput: CreatorInput;
  ParameterInput: ParameterInput;
  SubmitDatasetPayload: ResolverTypeWrapper<Omit<SubmitDatasetPayload, 'dataset' | 'job'> & { dataset: ResolversTypes['Dataset'], job: ResolversTypes['TransferJob'] }>;
  MirrorDatasetInput: MirrorDatasetInput;
  MirrorDatasetPayload: ResolverTypeWrapper<Omit<MirrorDatasetPayload, 'job'> & { job: ResolversTypes['TransferJob'] }>;
  TransferJob: ResolverTypeWrapper<TransferJobParent>;
  TransferJobConnection: ResolverTypeWrapper<Omit<TransferJobConnection, 'nodes'> & { nodes: Array<ResolversTypes['TransferJob']> }>;
  Peer: ResolverTypeWrapper<PeerParent>;
  PeerConnection: ResolverTypeWrapper<Omit<PeerConnection, 'nodes'> & { nodes: Array<ResolversTypes['Peer']> }>;
  Institution: ResolverTypeWrapper<Institution>;
  Dataset: ResolverTypeWrapper<DatasetParent>;
  Manifest: ResolverTypeWrapper<Manifest>;
  File: ResolverTypeWrapper<FileParent>;
  Download: ResolverTypeWrapper<Download>;
  DownloadProtocol: DownloadProtocol;
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
  CreateUploadInput: CreateUploadInput;
  CreateUploadsPayload: CreateUploadsPayload;
  Upload: Upload;
  SubmitDatasetInput: SubmitDatasetInput;
  CreatorInput: CreatorInput;
  ParameterInput: ParameterInput;
  SubmitDatasetPayload: Omit<SubmitDatasetPayload, 'dataset' | 'job'> & { dataset: ResolversParentTypes['Dataset'], job: ResolversParentTypes['TransferJob'] };
  MirrorDatasetInput: MirrorDatasetInput;
  MirrorDatasetPayload: Omit<MirrorDatasetPayload, 'job'> & { job: ResolversParentTypes['TransferJob'] };
  TransferJob: TransferJobParent;
  TransferJobConnection: Omit<TransferJobConnection, 'nodes'> & { nodes: Array<ResolversParentTypes['TransferJob']> };
  Peer: PeerParent;
  PeerConnection: Omit<PeerConnection, 'nodes'> & { nodes: Array<ResolversParentTypes['Peer']> };
  Institution: Institution;
  Dataset: DatasetParent;
  Manifest: Manifest;
  File: FileParent;
  Download: Download;
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
  peers?: Resolver<Maybe<ResolversTypes['PeerConnection']>, ParentType, ContextType, RequireFields<QueryPeersArgs, 'first'>>;
  transferJob?: Resolver<Maybe<ResolversTypes['TransferJob']>, ParentType, ContextType, RequireFields<QueryTransferJobArgs, 'id'>>;
  transferJobs?: Resolver<Maybe<ResolversTypes['TransferJobConnection']>, ParentType, ContextType, RequireFields<QueryTransferJobsArgs, 'first'>>;
};

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  createUploads?: Resolver<ResolversTypes['CreateUploadsPayload'], ParentType, ContextType, RequireFields<MutationCreateUploadsArgs, 'input'>>;
  submitDataset?: Resolver<ResolversTypes['SubmitDatasetPayload'], ParentType, ContextType, RequireFields<MutationSubmitDatasetArgs, 'input'>>;
  mirrorDataset?: Resolver<ResolversTypes['MirrorDatasetPayload'], ParentType, ContextType, RequireFields<MutationMirrorDatasetArgs, 'input'>>;
};

export type CreateUploadsPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreateUploadsPayload'] = ResolversParentTypes['CreateUploadsPayload']> = {
  uploads?: Resolver<Array<ResolversTypes['Upload']>, ParentType, ContextType>;
};

export type UploadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Upload'] = ResolversParentTypes['Upload']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  path?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  url?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['Instant'], ParentType, ContextType>;
};

export type SubmitDatasetPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SubmitDatasetPayload'] = ResolversParentTypes['SubmitDatasetPayload']> = {
  dataset?: Resolver<ResolversTypes['Dataset'], ParentType, ContextType>;
  job?: Resolver<ResolversTypes['TransferJob'], ParentType, ContextType>;
};

export type MirrorDatasetPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MirrorDatasetPayload'] = ResolversParentTypes['MirrorDatasetPayload']> = {
  job?: Resolver<ResolversTypes['TransferJob'], ParentType, ContextType>;
};

export type TransferJobResolvers<ContextType = Context, ParentType extends ResolversParentTypes['TransferJob'] = ResolversParentTypes['TransferJob']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['JobState'], ParentType, ContextType>;
  startedAt?: Resolver<ResolversTypes['Instant'], ParentType, ContextType>;
  finishedAt?: Resolver<Maybe<ResolversTypes['Instant']>, ParentType, ContextType>;
  progress?: Resolver<ResolversTypes['JobProgress'], ParentType, ContextType>;
  error?: Resolver<Maybe<ResolversTypes['JobError']>, ParentType, ContextType>;
  dataset?: Resolver<Maybe<ResolversTypes['Dataset']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type TransferJobConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['TransferJobConnection'] = ResolversParentTypes['TransferJobConnection']> = {
  nodes?: Resolver<Array<ResolversTypes['TransferJob']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type PeerResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Peer'] = ResolversParentTypes['Peer'], FederationReferenceType extends FederationReferenceTypes['Peer'] = FederationReferenceTypes['Peer']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Peer']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  institution?: Resolver<ResolversTypes['Institution'], ParentType, ContextType>;
  address?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  reachable?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  chunkCount?: Resolver<Maybe<ResolversTypes['Int64']>, ParentType, ContextType>;
  storedBytes?: Resolver<Maybe<ResolversTypes['Int64']>, ParentType, ContextType>;
  freeBytes?: Resolver<Maybe<ResolversTypes['Int64']>, ParentType, ContextType>;
};

export type PeerConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PeerConnection'] = ResolversParentTypes['PeerConnection']> = {
  nodes?: Resolver<Array<ResolversTypes['Peer']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type InstitutionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Institution'] = ResolversParentTypes['Institution']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type DatasetResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Dataset'] = ResolversParentTypes['Dataset'], FederationReferenceType extends FederationReferenceTypes['Dataset'] = FederationReferenceTypes['Dataset']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Dataset']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  manifest?: Resolver<Maybe<ResolversTypes['Manifest']>, ParentType, ContextType>;
};

export type ManifestResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Manifest'] = ResolversParentTypes['Manifest']> = {
  hash?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  signedRecord?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  chunkCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  totalSizeBytes?: Resolver<ResolversTypes['Int64'], ParentType, ContextType>;
};

export type FileResolvers<ContextType = Context, ParentType extends ResolversParentTypes['File'] = ResolversParentTypes['File'], FederationReferenceType extends FederationReferenceTypes['File'] = FederationReferenceTypes['File']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['File']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  downloads?: Resolver<Maybe<Array<ResolversTypes['Download']>>, ParentType, ContextType>;
};

export type DownloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Download'] = ResolversParentTypes['Download']> = {
  protocol?: Resolver<ResolversTypes['DownloadProtocol'], ParentType, ContextType>;
  url?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  expiresAt?: Resolver<Maybe<ResolversTypes['Instant']>, ParentType, ContextType>;
};

export type JobResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Job'] = ResolversParentTypes['Job']> = {
  __resolveType: TypeResolveFn<'TransferJob', ParentType, ContextType>;
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
  CreateUploadsPayload?: CreateUploadsPayloadResolvers<ContextType>;
  Upload?: UploadResolvers<ContextType>;
  SubmitDatasetPayload?: SubmitDatasetPayloadResolvers<ContextType>;
  MirrorDatasetPayload?: MirrorDatasetPayloadResolvers<ContextType>;
  TransferJob?: TransferJobResolvers<ContextType>;
  TransferJobConnection?: TransferJobConnectionResolvers<ContextType>;
  Peer?: PeerResolvers<ContextType>;
  PeerConnection?: PeerConnectionResolvers<ContextType>;
  Institution?: InstitutionResolvers<ContextType>;
  Dataset?: DatasetResolvers<ContextType>;
  Manifest?: ManifestResolvers<ContextType>;
  File?: FileResolvers<ContextType>;
  Download?: DownloadResolvers<ContextType>;
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
