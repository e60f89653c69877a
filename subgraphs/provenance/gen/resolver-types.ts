// Generated from ../schema.graphql by `npm run generate`. Do not edit.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { DatasetParent, ProvenanceParent, ProvenanceRecordParent } from '../parents.js';
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
  /** The institution's log. */
  log?: Maybe<Log>;
  /** One record of the log, by its index. */
  provenanceRecord?: Maybe<ProvenanceRecord>;
};


/** The questions that this API answers. */
export type QueryProvenanceRecordArgs = {
  entryIndex: Scalars['Int64']['input'];
};

/** An append-only Merkle log (RFC 6962, C2SP tlog-tiles). */
export type Log = {
  /** Its name, the first line of its checkpoints. */
  origin: Scalars['String']['output'];
  /** Entries. */
  size: Scalars['Int64']['output'];
  /** The newest signed checkpoint, a C2SP signed note. */
  checkpoint: Scalars['String']['output'];
  /** The key that checkpoints verify with, C2SP text form. */
  verifierKey: Scalars['String']['output'];
};

/** A dataset of any repository: the entity on which all subgraphs meet. */
export type Dataset = {
  /** <repository>:<local id>; opaque, stable for ever. A dataset submitted to the swarm is sc:<manifest hash>. */
  id: Scalars['ID']['output'];
  /** What is recorded of it. */
  provenance?: Maybe<Provenance>;
};

/** What the log records of one dataset. */
export type Provenance = {
  /** Records about the dataset, and the newest harvest of its repository (older harvests stay in the log); newest first. */
  records: ProvenanceRecordConnection;
};


/** What the log records of one dataset. */
export type ProvenanceRecordsArgs = {
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

/** A page of records. */
export type ProvenanceRecordConnection = {
  /** Records in all. */
  totalCount: Scalars['Int']['output'];
  /** The records of this page. */
  nodes: Array<ProvenanceRecord>;
  /** Where the page lies. */
  pageInfo: PageInfo;
};

/** One signed statement of the log, in the terms of W3C PROV. */
export type ProvenanceRecord = {
  /** <log origin>/<entry index>. */
  id: Scalars['ID']['output'];
  /** What was done. */
  activity: ProvenanceActivity;
  /** PROV entity: the dataset, or the repository that was harvested. */
  entity: Scalars['ID']['output'];
  /** PROV agent: id of the institution whose key signed the statement. */
  agent: Scalars['String']['output'];
  /** PROV used: what it was made from, by id. */
  used: Array<Scalars['String']['output']>;
  /** PROV generated: what came of it, by id. */
  generated: Array<Scalars['String']['output']>;
  /** When the activity ended, as its agent says. */
  recordedAt: Scalars['Instant']['output'];
  /** Facts of the activity, as named texts. */
  detail: Array<ProvenanceDetail>;
  /** Place in the log, counted from 0. */
  entryIndex: Scalars['Int64']['output'];
  /** The signed statement, base64 of its canonical bytes: what the proof is about. */
  entry: Scalars['String']['output'];
  /** C2SP tlog-proof text: inclusion path and signed checkpoint. Verifies offline with the log's key. */
  proof: Scalars['String']['output'];
};

/** What was done. */
export type ProvenanceActivity =
  /** A repository was read into the index. */
  | 'HARVEST'
  /** A dataset was submitted to the swarm. */
  | 'SUBMIT'
  /** A dataset of a repository was fetched into the swarm. */
  | 'MIRROR'
  /** A copy was made at another peer. */
  | 'COPY'
  /** A copy was challenged for its bytes. */
  | 'AUDIT';

/** A fact of an activity. */
export type ProvenanceDetail = {
  /** Its name. */
  name: Scalars['String']['output'];
  /** Its value as text. */
  value: Scalars['String']['output'];
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
  Log: ResolverTypeWrapper<Log>;
  Dataset: ResolverTypeWrapper<DatasetParent>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Provenance: ResolverTypeWrapper<ProvenanceParent>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  ProvenanceRecordConnection: ResolverTypeWrapper<Omit<ProvenanceRecordConnection, 'nodes'> & { nodes: Array<ResolversTypes['ProvenanceRecord']> }>;
  ProvenanceRecord: ResolverTypeWrapper<ProvenanceRecordParent>;
  ProvenanceActivity: ProvenanceActivity;
  ProvenanceDetail: ResolverTypeWrapper<ProvenanceDetail>;
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
  Log: Log;
  Dataset: DatasetParent;
  ID: Scalars['ID']['output'];
  Provenance: ProvenanceParent;
  Int: Scalars['Int']['output'];
  ProvenanceRecordConnection: Omit<ProvenanceRecordConnection, 'nodes'> & { nodes: Array<ResolversParentTypes['ProvenanceRecord']> };
  ProvenanceRecord: ProvenanceRecordParent;
  ProvenanceDetail: ProvenanceDetail;
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
  log?: Resolver<Maybe<ResolversTypes['Log']>, ParentType, ContextType>;
  provenanceRecord?: Resolver<Maybe<ResolversTypes['ProvenanceRecord']>, ParentType, ContextType, RequireFields<QueryProvenanceRecordArgs, 'entryIndex'>>;
};

export type LogResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Log'] = ResolversParentTypes['Log']> = {
  origin?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  size?: Resolver<ResolversTypes['Int64'], ParentType, ContextType>;
  checkpoint?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  verifierKey?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type DatasetResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Dataset'] = ResolversParentTypes['Dataset'], FederationReferenceType extends FederationReferenceTypes['Dataset'] = FederationReferenceTypes['Dataset']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Dataset']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  provenance?: Resolver<Maybe<ResolversTypes['Provenance']>, ParentType, ContextType>;
};

export type ProvenanceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Provenance'] = ResolversParentTypes['Provenance']> = {
  records?: Resolver<ResolversTypes['ProvenanceRecordConnection'], ParentType, ContextType, RequireFields<ProvenanceRecordsArgs, 'first'>>;
};

export type ProvenanceRecordConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ProvenanceRecordConnection'] = ResolversParentTypes['ProvenanceRecordConnection']> = {
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  nodes?: Resolver<Array<ResolversTypes['ProvenanceRecord']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type ProvenanceRecordResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ProvenanceRecord'] = ResolversParentTypes['ProvenanceRecord']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  activity?: Resolver<ResolversTypes['ProvenanceActivity'], ParentType, ContextType>;
  entity?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  agent?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  used?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  generated?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  recordedAt?: Resolver<ResolversTypes['Instant'], ParentType, ContextType>;
  detail?: Resolver<Array<ResolversTypes['ProvenanceDetail']>, ParentType, ContextType>;
  entryIndex?: Resolver<ResolversTypes['Int64'], ParentType, ContextType>;
  entry?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  proof?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ProvenanceDetailResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ProvenanceDetail'] = ResolversParentTypes['ProvenanceDetail']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  value?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
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
  Log?: LogResolvers<ContextType>;
  Dataset?: DatasetResolvers<ContextType>;
  Provenance?: ProvenanceResolvers<ContextType>;
  ProvenanceRecordConnection?: ProvenanceRecordConnectionResolvers<ContextType>;
  ProvenanceRecord?: ProvenanceRecordResolvers<ContextType>;
  ProvenanceDetail?: ProvenanceDetailResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Instant?: GraphQLScalarType;
  Int64?: GraphQLScalarType;
};

export type DirectiveResolvers<ContextType = Context> = {
  link?: LinkDirectiveResolver<any, any, ContextType>;
  shareable?: ShareableDirectiveResolver<any, any, ContextType>;
};
