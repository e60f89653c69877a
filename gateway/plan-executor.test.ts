import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { describe, expect, it } from '@jest/globals';
import { execute, getVariableValues, Kind, parse, validate } from 'graphql';
import { createCall } from '../core/call.js';
import { SciclomaticError } from '../core/errors.js';
import { silentLogger } from '../core/log.js';
import { createApolloExecutor } from './apollo-executor.js';
import type { ExecutableOperation, PlanExecutor, ReadSources } from './execute.js';
import { buildGraph } from './graph.js';
import { createPlanExecutor } from './plan-executor.js';
import { failFetch, readAnswer } from './subgraph-answer.js';
import type { SubgraphSource } from './subgraph-source.js';

/** Two subgraphs that use what federation has: interfaces, unions, @requires, @interfaceObject, nested and several keys. */
const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@interfaceObject", "@shareable", "@inaccessible"])';
const STORES = {
  left: {
    sdl: `${LINK}
      type Query { things: [Thing] first: Thing any: [Any] crates: [Crate!] strict: Strict odd: Odd matrix: [[Box]] }
      type Mutation { add(n: Int!): Int }
      interface Thing @key(fields: "id") { id: ID! name: String }
      type Box implements Thing @key(fields: "id") { id: ID! name: String size: Int kind: Kind! hidden: String @inaccessible rank: Int! @shareable }
      type Bag implements Thing @key(fields: "id") { id: ID! name: String weight: Float tags: [String!] rank: Int }
      union Any = Box | Bag | Note
      type Note { text: String! }
      enum Kind { OPEN CLOSED }
      type Crate @key(fields: "code place { id }") { code: String! place: Place! boxes: [Box!]! }
      type Place @shareable { id: ID! }
      type Strict { never: String! maybe: Strict }
      type Odd { int: Int kind: Kind list: [Int] text: String }`,
    resolvers: {
      Query: {
        things: () => [box(1), null, bag(2), box(3)],
        first: () => box(1),
        any: () => [box(1), { __typename: 'Note', text: 'hello' }, bag(2)],
        crates: () => [
          { code: 'a', place: { id: 'p' }, boxes: [box(1), box(3)] },
          { code: 'b', place: { id: 'q' }, boxes: [] },
        ],
        strict: () => ({ never: 'here', maybe: { never: 'there', maybe: null } }),
        odd: () => ({ int: 1, kind: 'OPEN', list: [1, null], text: 'x' }),
        matrix: () => [[box(1), null], null, [box(3)]],
      },
      Mutation: { add: (_: unknown, { n }: { n: number }) => n + 1 },
      Thing: { __resolveReference: ({ id }: { id: string }) => find(id) },
      Box: { __resolveReference: ({ id }: { id: string }) => find(id) },
      Bag: { __resolveReference: ({ id }: { id: string }) => find(id) },
    },
  },
  right: {
    sdl: `${LINK}
      type Query { latest: Box }
      type Mutation { remove(n: Int!): Int }
      type Box @key(fields: "id") { id: ID! size: Int @external volume: String @requires(fields: "size") lid: Lid rank: Int @shareable }
      type Lid { colour: String! of: Box! }
      type Crate @key(fields: "code place { id }") { code: String! place: Place! load: Int }
      type Place @shareable { id: ID! }`,
    resolvers: {
      Query: { latest: () => ({ id: '3' }) },
      Mutation: { remove: (_: unknown, { n }: { n: number }) => n - 1 },
      Box: {
        rank: ({ id }: { id: string }) => Number(id),
        volume: ({ size }: { size?: number }) => `${String(size)} cubed`,
        lid: ({ id }: { id: string }) => (id === '1' ? { colour: 'red', of: { id: '3' } } : null),
      },
      Crate: { load: ({ code, place }: { code: string; place: { id: string } }) => `${code}${place.id}`.length },
    },
  },
  votes: {
    sdl: `${LINK}
      type Query { popular: [Thing!] }
      type Thing @key(fields: "id") @interfaceObject { id: ID! votes: Int! }`,
    resolvers: {
      Query: { popular: () => [{ id: '2' }, { id: '1' }] },
      Thing: { votes: ({ id }: { id: string }) => Number(id) * 10 },
    },
  },
};

const box = (n: number) => ({
  __typename: 'Box',
  id: String(n),
  name: `box ${n}`,
  size: n * 2,
  kind: n === 1 ? 'OPEN' : 'CLOSED',
  rank: n,
});
const bag = (n: number) => ({ __typename: 'Bag', id: String(n), name: null, weight: n / 2, tags: ['x', 'y'], rank: n });
const find = (id: string) => (id === '2' ? bag(2) : box(Number(id)));

const services = Object.entries(STORES).map(([name, { sdl }]) => ({
  name,
  url: 'http://x.invalid',
  typeDefs: parse(sdl),
}));
const composed = composeServices(services);
if (composed.supergraphSdl === undefined) throw new Error(String(composed.errors));
const graph = buildGraph(composed.supergraphSdl);

const schemas = Object.entries(STORES).map(
  ([name, { sdl, resolvers }]) => [name, buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers }])] as const,
);

/** Changes an answer of a subgraph, or throws in its place. */
type Disturb = (subgraph: string, data: unknown, query: string) => unknown;

function createSources(disturb: Disturb): ReadSources {
  const sources = schemas.map(([name, schema]): [string, SubgraphSource] => {
    return [
      name,
      {
        fetch: async ({ query, variables, path }) => {
          try {
            const result = await execute({ schema, document: parse(query), variableValues: variables });
            const answer = disturb(name, JSON.parse(JSON.stringify(result)), query);
            const { data, errors } = readAnswer({ status: 200, text: JSON.stringify(answer) }, name);
            return { data: data ?? null, errors };
          } catch (error) {
            return failFetch(SciclomaticError.from(error), query, path);
          }
        },
      },
    ];
  });
  return () => Object.fromEntries(sources);
}

async function run(create: (read: ReadSources) => PlanExecutor, query: string, variables: object, disturb: Disturb) {
  const document = parse(query);
  expect(validate(graph.apiSchema, document)).toEqual([]);
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (!operation) throw new Error('no operation');
  const { coerced = {} } = getVariableValues(graph.apiSchema, operation.variableDefinitions ?? [], { ...variables });
  const executable: ExecutableOperation = {
    ...{ graph, document, operation, documentHash: query, variables: { ...variables }, coercedVariables: coerced },
    plan: graph.planner.plan({ document, operationName: undefined, documentHash: query }),
    context: { call: createCall({ log: silentLogger }), caller: 'anonymous', publicUrl: '' },
  };
  return JSON.parse(JSON.stringify(await create(createSources(disturb)).execute(executable))) as {
    data: unknown;
    errors?: { message: string; path?: unknown[]; extensions?: Record<string, unknown> }[];
  };
}

const undisturbed: Disturb = (_subgraph, data) => data;
const OPERATIONS: readonly (readonly [name: string, query: string, variables?: object])[] = [
  ['interface', '{ things { __typename id name votes ... on Box { size kind volume } ... on Bag { weight tags } } }'],
  ['interface object', '{ popular { id votes name } }'],
  ['interface object that says what it is', '{ popular { __typename votes } }'],
  [
    'union',
    '{ any { __typename ... on Box { id lid { colour of { name size } } } ... on Note { text } ... on Thing { votes } } }',
  ],
  ['a field that is stricter in one type', '{ any { ... on Box { rank } ... on Bag { rank weight } } }'],
  ['requires', '{ latest { volume size name lid { colour } } first { ... on Box { volume } } }'],
  ['composite keys and lists of lists', '{ crates { load boxes { name volume } } matrix { id volume } }'],
  ['aliases', '{ a: first { x: id y: id votes } b: first { id n: name m: name } }'],
  ['the same field twice', '{ first { id } first { name ... on Box { size } } first { ... on Box { size kind } } }'],
  [
    'fragments',
    'query { things { ...T ...B } } fragment T on Thing { name ...V } fragment V on Thing { votes } fragment B on Box { size ...T }',
  ],
  ['order of fields', '{ crates { boxes { volume id } code } first { votes name id } __typename }'],
  ['typename of the root, aliased', '{ what: __typename first { kind: __typename } }'],
  [
    'introspection beside data',
    '{ first { id } __type(name: "Kind") { enumValues { name } } s: __schema { queryType { name } } }',
  ],
  ['introspection alone, with a variable', 'query ($n: String!) { __type(name: $n) { name kind } }', { n: 'Box' }],
  ['mutations in order', 'mutation { add(n: 1) remove(n: 5) again: add(n: 7) }'],
  ['null lists and items', '{ odd { int kind list text } strict { never maybe { never maybe { never } } } }'],
  ...[true, false].flatMap((yes): [string, string, object][] => [
    [
      'skip and include',
      'query ($yes: Boolean!) { first { id @skip(if: $yes) votes @include(if: $yes) name } }',
      { yes },
    ],
    [
      'skip of a fetch',
      'query ($yes: Boolean = true) { first @skip(if: $yes) { votes } latest { ... on Box @include(if: $yes) { volume } id } }',
      { yes },
    ],
    [
      'skip of a fragment',
      'query ($yes: Boolean!) { things { ...F @skip(if: $yes) id } } fragment F on Box { volume }',
      { yes },
    ],
  ]),
  ['a default that decides', 'query ($yes: Boolean = false) { first { id @skip(if: $yes) votes @include(if: $yes) } }'],
];

describe('answers like Apollo’s executor', () => {
  it.each(OPERATIONS)('%s', async (_name, query, variables = {}) => {
    const ours = await run(createPlanExecutor, query, variables, undisturbed);
    const theirs = await run(createApolloExecutor, query, variables, undisturbed);
    expect(ours.errors).toBeUndefined();
    expect(JSON.stringify(ours)).toBe(JSON.stringify(theirs));
  });

  const down =
    (...names: string[]): Disturb =>
    (subgraph, data) => {
      if (names.includes(subgraph)) throw new SciclomaticError('SOURCE_UNAVAILABLE', 'down', { source: subgraph });
      return data;
    };
  const replace =
    (from: RegExp, to: string): Disturb =>
    (_subgraph, data) =>
      JSON.parse(JSON.stringify(data).replace(from, to)) as unknown;
  const disturbances: readonly (readonly [string, Disturb])[] = [
    ['right is down', down('right')],
    ['left is down', down('left')],
    ['votes are down', down('votes')],
    ['all are down', down('left', 'right', 'votes')],
    ['names are numbers', replace(/"box \d"/g, '7')],
    ['an unknown kind', replace(/"CLOSED"/g, '"AJAR"')],
    ['nulls where none may be', replace(/"OPEN"/g, 'null')],
    ['an unknown type', replace(/"Bag"/g, '"Sack"')],
    ['entities are missing', replace(/"_entities":\[.*\]/, '"_entities":[]')],
    ['entities are null', replace(/"_entities":\[[^[\]]*\]/, '"_entities":[null]')],
  ];
  it.each(disturbances)('when %s: the same data, and an error wherever theirs has one', async (_name, disturb) => {
    for (const [name, query, variables = {}] of OPERATIONS) {
      const ours = await run(createPlanExecutor, query, variables, disturb);
      const theirs = await run(createApolloExecutor, query, variables, disturb);
      expect({ name, data: ours.data ?? null }).toEqual({ name, data: theirs.data ?? null });
      expect({ name, failed: (ours.errors ?? []).length > 0 }).toEqual({
        name,
        failed: (theirs.errors ?? []).length > 0,
      });
      for (const { extensions } of ours.errors ?? []) expect(extensions?.code).toMatch(/^SOURCE_/);
    }
  });
});

describe('beyond Apollo’s executor', () => {
  it('tells of a value against the schema although another fetch failed elsewhere', async () => {
    const disturb: Disturb = (subgraph, data) => {
      if (subgraph === 'right') throw new SciclomaticError('SOURCE_UNAVAILABLE', 'down', { source: 'right' });
      return JSON.parse(JSON.stringify(data).replace('"OPEN"', '"AJAR"')) as unknown;
    };
    const { data, errors } = await run(createPlanExecutor, '{ odd { kind int } latest { id } }', {}, disturb);
    expect(data).toEqual({ odd: { kind: null, int: 1 }, latest: null });
    expect(errors?.map(({ path, extensions }) => [path?.join('.'), extensions?.code])).toEqual([
      ['latest', 'SOURCE_UNAVAILABLE'],
      ['odd.kind', 'SOURCE_INVALID_ANSWER'],
    ]);
  });

  it('takes no prototype from a subgraph', async () => {
    const disturb: Disturb = (_subgraph, data) =>
      JSON.parse(JSON.stringify(data).replace('"int":1', '"__proto__":{"polluted":true},"int":1'));
    const { data } = await run(createPlanExecutor, '{ odd { int } }', {}, disturb);
    expect(data).toEqual({ odd: { int: 1 } });
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});
