// Generated from ../schema.graphql by `npm run generate`. Do not edit.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { AdapterParent, InstitutionParent, RepositoryParent } from '../parents.js';
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
  /** Every adapter that ever registered here, by id. */
  adapters?: Maybe<AdapterConnection>;
  /** Every institution that runs an adapter, by id. */
  institutions?: Maybe<InstitutionConnection>;
  /** One repository by its id; null when no adapter of that id ever registered. */
  repository?: Maybe<Repository>;
};


/** The questions that this API answers. */
export type QueryAdaptersArgs = {
  kind?: InputMaybe<AdapterKind>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};


/** The questions that this API answers. */
export type QueryInstitutionsArgs = {
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};


/** The questions that this API answers. */
export type QueryRepositoryArgs = {
  id: Scalars['ID']['input'];
};

/** A page of adapters. */
export type AdapterConnection = {
  /** Adapters in all. */
  totalCount: Scalars['Int']['output'];
  /** The adapters of this page. */
  nodes: Array<Adapter>;
  /** Where the page lies. */
  pageInfo: PageInfo;
};

/** What an institution runs to take part. */
export type Adapter = {
  /** Chosen by the adapter; for a repository, the repository's id. */
  id: Scalars['ID']['output'];
  /** What it is. */
  kind: AdapterKind;
  /** Who runs it. */
  institution: Institution;
  /** Name for people. */
  name: Scalars['String']['output'];
  /** For people. */
  description: Scalars['String']['output'];
  /** Whether it can be used. */
  state: AdapterState;
  /** Why it is suspended, for people; null otherwise. */
  reason?: Maybe<Scalars['String']['output']>;
  /** What it says it can do: the names that are true in its supports manifest. */
  supports: Array<Scalars['String']['output']>;
  /** host:port of its gRPC server. */
  address: Scalars['String']['output'];
  /** When it last registered, sent a heartbeat or answered a health check. */
  lastSeenAt: Scalars['Instant']['output'];
};

/** What an adapter is. */
export type AdapterKind =
  /** Serves datasets and files. */
  | 'REPOSITORY'
  /** Keeps chunks of the swarm. */
  | 'STORAGE_PEER'
  /** Keeps a provenance log. */
  | 'LEDGER';

/** Whether an adapter can be used. */
export type AdapterState =
  /** Known, its health not yet checked. */
  | 'REGISTERED'
  /** Its lease holds and its health check answered. */
  | 'HEALTHY'
  /** Its lease ended, it said goodbye, or its health check fails. What it gave stays findable. */
  | 'SUSPENDED';

/** Who runs adapters and keeps copies. */
export type Institution = {
  /** 1 to 64 of a-z, 0-9, . and -. */
  id: Scalars['ID']['output'];
  /** Name for people. */
  name?: Maybe<Scalars['String']['output']>;
  /** Ed25519 public key, base64; null when it signs nothing. */
  publicKey?: Maybe<Scalars['String']['output']>;
};

/** A page of institutions. */
export type InstitutionConnection = {
  /** The institutions of this page. */
  nodes: Array<Institution>;
  /** Where the page lies. */
  pageInfo: PageInfo;
};

/** A place where datasets are. */
export type Repository = {
  /** The part of its datasets' ids before the colon. */
  id: Scalars['ID']['output'];
  /** Name for people; null when its adapter never registered. */
  name?: Maybe<Scalars['String']['output']>;
  /** What is kept there. */
  description?: Maybe<Scalars['String']['output']>;
  /** The adapter that serves it; null when none ever registered. */
  adapter?: Maybe<Adapter>;
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
  Adapter: Adapter;
  Institution: Institution;
  Repository: Repository;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Adapter:
    ( { __typename: 'Adapter' }
    & GraphQLRecursivePick<FederationTypes['Adapter'], {"id":true}> );
  Institution:
    ( { __typename: 'Institution' }
    & GraphQLRecursivePick<FederationTypes['Institution'], {"id":true}> );
  Repository:
    ( { __typename: 'Repository' }
    & GraphQLRecursivePick<FederationTypes['Repository'], {"id":true}> );
};



/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  link__Import: ResolverTypeWrapper<Scalars['link__Import']['output']>;
  FieldSet: ResolverTypeWrapper<Scalars['FieldSet']['output']>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  AdapterConnection: ResolverTypeWrapper<Omit<AdapterConnection, 'nodes'> & { nodes: Array<ResolversTypes['Adapter']> }>;
  Adapter: ResolverTypeWrapper<AdapterParent>;
  AdapterKind: AdapterKind;
  AdapterState: AdapterState;
  Institution: ResolverTypeWrapper<InstitutionParent>;
  InstitutionConnection: ResolverTypeWrapper<Omit<InstitutionConnection, 'nodes'> & { nodes: Array<ResolversTypes['Institution']> }>;
  Repository: ResolverTypeWrapper<RepositoryParent>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Instant: ResolverTypeWrapper<Scalars['Instant']['output']>;
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
  AdapterConnection: Omit<AdapterConnection, 'nodes'> & { nodes: Array<ResolversParentTypes['Adapter']> };
  Adapter: AdapterParent;
  Institution: InstitutionParent;
  InstitutionConnection: Omit<InstitutionConnection, 'nodes'> & { nodes: Array<ResolversParentTypes['Institution']> };
  Repository: RepositoryParent;
  PageInfo: PageInfo;
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
  adapters?: Resolver<Maybe<ResolversTypes['AdapterConnection']>, ParentType, ContextType, RequireFields<QueryAdaptersArgs, 'first'>>;
  institutions?: Resolver<Maybe<ResolversTypes['InstitutionConnection']>, ParentType, ContextType, RequireFields<QueryInstitutionsArgs, 'first'>>;
  repository?: Resolver<Maybe<ResolversTypes['Repository']>, ParentType, ContextType, RequireFields<QueryRepositoryArgs, 'id'>>;
};

export type AdapterConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AdapterConnection'] = ResolversParentTypes['AdapterConnection']> = {
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  nodes?: Resolver<Array<ResolversTypes['Adapter']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type AdapterResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Adapter'] = ResolversParentTypes['Adapter'], FederationReferenceType extends FederationReferenceTypes['Adapter'] = FederationReferenceTypes['Adapter']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Adapter']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['AdapterKind'], ParentType, ContextType>;
  institution?: Resolver<ResolversTypes['Institution'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  description?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['AdapterState'], ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  supports?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  address?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  lastSeenAt?: Resolver<ResolversTypes['Instant'], ParentType, ContextType>;
};

export type InstitutionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Institution'] = ResolversParentTypes['Institution'], FederationReferenceType extends FederationReferenceTypes['Institution'] = FederationReferenceTypes['Institution']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Institution']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  publicKey?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type InstitutionConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['InstitutionConnection'] = ResolversParentTypes['InstitutionConnection']> = {
  nodes?: Resolver<Array<ResolversTypes['Institution']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type RepositoryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Repository'] = ResolversParentTypes['Repository'], FederationReferenceType extends FederationReferenceTypes['Repository'] = FederationReferenceTypes['Repository']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Repository']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  description?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  adapter?: Resolver<Maybe<ResolversTypes['Adapter']>, ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export interface InstantScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Instant'], any> {
  name: 'Instant';
}

export type Resolvers<ContextType = Context> = {
  link__Import?: GraphQLScalarType;
  FieldSet?: GraphQLScalarType;
  Query?: QueryResolvers<ContextType>;
  AdapterConnection?: AdapterConnectionResolvers<ContextType>;
  Adapter?: AdapterResolvers<ContextType>;
  Institution?: InstitutionResolvers<ContextType>;
  InstitutionConnection?: InstitutionConnectionResolvers<ContextType>;
  Repository?: RepositoryResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Instant?: GraphQLScalarType;
};

export type DirectiveResolvers<ContextType = Context> = {
  link?: LinkDirectiveResolver<any, any, ContextType>;
  shareable?: ShareableDirectiveResolver<any, any, ContextType>;
};
