// Generated from ../schema.graphql by `npm run generate`. Do not edit.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { DatasetParent } from '../parents.js';
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
};

/** The questions that this API answers. */
export type Query = {
  /** The auditor's own account of its work. */
  auditor?: Maybe<Auditor>;
};

/** What can be changed. */
export type Mutation = {
  /** Audits one dataset now, every peer, and returns its health afterwards. */
  auditDataset: AuditDatasetPayload;
};


/** What can be changed. */
export type MutationAuditDatasetArgs = {
  input: AuditDatasetInput;
};

/** What to audit. */
export type AuditDatasetInput = {
  /** Id of a dataset that the swarm holds. */
  datasetId: Scalars['ID']['input'];
};

/** A dataset that was audited. */
export type AuditDatasetPayload = {
  /** The dataset, its health as just found. */
  dataset: Dataset;
};

/** The background auditor. */
export type Auditor = {
  /** Datasets that it watches. */
  datasetCount: Scalars['Int']['output'];
  /** Datasets with fewer good copies than required. */
  degradedCount: Scalars['Int']['output'];
  /** When it last finished a round over all datasets. */
  lastRoundAt?: Maybe<Scalars['Instant']['output']>;
};

/** A dataset of any repository: the entity on which all subgraphs meet. */
export type Dataset = {
  /** <repository>:<local id>; opaque, stable for ever. A dataset submitted to the swarm is sc:<manifest hash>. */
  id: Scalars['ID']['output'];
  /** How safe it is, as measured; null when the swarm does not hold it. */
  health?: Maybe<DatasetHealth>;
};

/** How safe a dataset is, established by asking every peer and challenging it for bytes. */
export type DatasetHealth = {
  /** The whole in one word. */
  state: HealthState;
  /** Why, for people. */
  reason: Scalars['String']['output'];
  /** Copies that the dataset should have, each at another institution. */
  requiredCopies: Scalars['Int']['output'];
  /** Institutions still needed: requiredCopies less those with an AVAILABLE copy, never below 0. */
  missingCopies: Scalars['Int']['output'];
  /** Every peer that has, had or is getting the dataset, by institution id. */
  copies: Array<DatasetCopy>;
  /** When any copy was last audited. */
  lastAuditedAt?: Maybe<Scalars['Instant']['output']>;
};

/** How safe a dataset is, in the words of Rucio's rule states. */
export type HealthState =
  /** Enough good copies at enough institutions. */
  | 'OK'
  /** Too few good copies; more are being made, or will be unless a silent peer comes back in time. */
  | 'REPLICATING'
  /** Too few good copies, and none can be made now. */
  | 'STUCK'
  /** No peer that answers has all of it, and none that is silent is known to have had it. */
  | 'LOST'
  /** Not audited yet. */
  | 'UNKNOWN';

/** One peer's copy of a dataset. */
export type DatasetCopy = {
  /** Who keeps it. */
  institution: Institution;
  /** The peer. */
  peer: Peer;
  /** What is known of it. */
  state: CopyState;
  /** Why, for people. */
  reason: Scalars['String']['output'];
  /** Chunks that the peer says it holds; null when it does not answer. */
  heldChunkCount?: Maybe<Scalars['Int']['output']>;
  /** Chunks of the dataset. */
  totalChunkCount: Scalars['Int']['output'];
  /** When it last answered a challenge for bytes, rightly or wrongly. */
  lastAuditedAt?: Maybe<Scalars['Instant']['output']>;
};

/** State of one copy, in the words of Rucio's replica states. */
export type CopyState =
  /** All chunks are held and the last challenge was answered rightly. */
  | 'AVAILABLE'
  /** Chunks are missing. */
  | 'UNAVAILABLE'
  /** Being fetched from another peer. */
  | 'COPYING'
  /** A challenge was answered wrongly: the bytes are damaged or were never there. */
  | 'BAD'
  /** The peer does not answer; it had a good copy when last heard of. */
  | 'TEMPORARY_UNAVAILABLE';

/** A member of the swarm that keeps chunks. */
export type Peer = {
  /** Its adapter id. */
  id: Scalars['ID']['output'];
};

/** Who runs adapters and keeps copies. */
export type Institution = {
  /** 1 to 64 of a-z, 0-9, . and -. */
  id: Scalars['ID']['output'];
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
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Dataset:
    ( { __typename: 'Dataset' }
    & GraphQLRecursivePick<FederationTypes['Dataset'], {"id":true}> );
};



/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  link__Import: ResolverTypeWrapper<Scalars['link__Import']['output']>;
  FieldSet: ResolverTypeWrapper<Scalars['FieldSet']['output']>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  AuditDatasetInput: AuditDatasetInput;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  AuditDatasetPayload: ResolverTypeWrapper<Omit<AuditDatasetPayload, 'dataset'> & { dataset: ResolversTypes['Dataset'] }>;
  Auditor: ResolverTypeWrapper<Auditor>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  Dataset: ResolverTypeWrapper<DatasetParent>;
  DatasetHealth: ResolverTypeWrapper<DatasetHealth>;
  HealthState: HealthState;
  DatasetCopy: ResolverTypeWrapper<DatasetCopy>;
  CopyState: CopyState;
  Peer: ResolverTypeWrapper<Peer>;
  Institution: ResolverTypeWrapper<Institution>;
  Instant: ResolverTypeWrapper<Scalars['Instant']['output']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  link__Import: Scalars['link__Import']['output'];
  FieldSet: Scalars['FieldSet']['output'];
  Query: Record<PropertyKey, never>;
  Mutation: Record<PropertyKey, never>;
  AuditDatasetInput: AuditDatasetInput;
  ID: Scalars['ID']['output'];
  AuditDatasetPayload: Omit<AuditDatasetPayload, 'dataset'> & { dataset: ResolversParentTypes['Dataset'] };
  Auditor: Auditor;
  Int: Scalars['Int']['output'];
  Dataset: DatasetParent;
  DatasetHealth: DatasetHealth;
  DatasetCopy: DatasetCopy;
  Peer: Peer;
  Institution: Institution;
  Instant: Scalars['Instant']['output'];
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
  auditor?: Resolver<Maybe<ResolversTypes['Auditor']>, ParentType, ContextType>;
};

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  auditDataset?: Resolver<ResolversTypes['AuditDatasetPayload'], ParentType, ContextType, RequireFields<MutationAuditDatasetArgs, 'input'>>;
};

export type AuditDatasetPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AuditDatasetPayload'] = ResolversParentTypes['AuditDatasetPayload']> = {
  dataset?: Resolver<ResolversTypes['Dataset'], ParentType, ContextType>;
};

export type AuditorResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Auditor'] = ResolversParentTypes['Auditor']> = {
  datasetCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  degradedCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  lastRoundAt?: Resolver<Maybe<ResolversTypes['Instant']>, ParentType, ContextType>;
};

export type DatasetResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Dataset'] = ResolversParentTypes['Dataset'], FederationReferenceType extends FederationReferenceTypes['Dataset'] = FederationReferenceTypes['Dataset']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Dataset']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  health?: Resolver<Maybe<ResolversTypes['DatasetHealth']>, ParentType, ContextType>;
};

export type DatasetHealthResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DatasetHealth'] = ResolversParentTypes['DatasetHealth']> = {
  state?: Resolver<ResolversTypes['HealthState'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  requiredCopies?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  missingCopies?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  copies?: Resolver<Array<ResolversTypes['DatasetCopy']>, ParentType, ContextType>;
  lastAuditedAt?: Resolver<Maybe<ResolversTypes['Instant']>, ParentType, ContextType>;
};

export type DatasetCopyResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DatasetCopy'] = ResolversParentTypes['DatasetCopy']> = {
  institution?: Resolver<ResolversTypes['Institution'], ParentType, ContextType>;
  peer?: Resolver<ResolversTypes['Peer'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['CopyState'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  heldChunkCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  totalChunkCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  lastAuditedAt?: Resolver<Maybe<ResolversTypes['Instant']>, ParentType, ContextType>;
};

export type PeerResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Peer'] = ResolversParentTypes['Peer']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type InstitutionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Institution'] = ResolversParentTypes['Institution']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export interface InstantScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Instant'], any> {
  name: 'Instant';
}

export type Resolvers<ContextType = Context> = {
  link__Import?: GraphQLScalarType;
  FieldSet?: GraphQLScalarType;
  Query?: QueryResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  AuditDatasetPayload?: AuditDatasetPayloadResolvers<ContextType>;
  Auditor?: AuditorResolvers<ContextType>;
  Dataset?: DatasetResolvers<ContextType>;
  DatasetHealth?: DatasetHealthResolvers<ContextType>;
  DatasetCopy?: DatasetCopyResolvers<ContextType>;
  Peer?: PeerResolvers<ContextType>;
  Institution?: InstitutionResolvers<ContextType>;
  Instant?: GraphQLScalarType;
};

export type DirectiveResolvers<ContextType = Context> = {
  link?: LinkDirectiveResolver<any, any, ContextType>;
  shareable?: ShareableDirectiveResolver<any, any, ContextType>;
};
