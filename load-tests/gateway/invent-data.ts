import {
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInterfaceType,
  isListType,
  isUnionType,
} from 'graphql';

/** A thing of the invented data: nothing but where it is. The same place gives the same data in every subgraph. */
interface Thing {
  readonly __typename?: string;
  readonly id?: string;
  readonly seed?: string;
}

/** How many items lists have; the sizes of a real first page. */
const LIST_SIZES: Readonly<Record<string, number>> = { edges: 5, facets: 6, buckets: 10, sources: 4, copies: 3 };
const DEFAULT_LIST_SIZE = 2;

/** Invents a value for any field of any schema, of the length that real ones have, the same one each time. */
export function createInventingResolver(schema: GraphQLSchema): GraphQLFieldResolver<Thing | undefined, unknown> {
  return (source, _args, _context, info) => {
    if (source && Object.hasOwn(source, info.fieldName)) return Reflect.get(source, info.fieldName) as unknown;
    const seed = `${source?.id ?? source?.seed ?? ''}.${info.fieldName}`;
    return invent(schema, info.returnType, seed, info);
  };
}

function invent(schema: GraphQLSchema, outputType: GraphQLOutputType, seed: string, info: GraphQLResolveInfo): unknown {
  const type = getNullableType(outputType);
  if (isListType(type)) {
    const item: GraphQLOutputType = type.ofType;
    const length = listLength(info);
    return Array.from({ length }, (_, index) => invent(schema, item, `${seed}${index}`, info));
  }
  if (isEnumType(type)) return type.getValues()[sum(seed) % type.getValues().length]?.value;
  const named = getNamedType(type);
  if (isInterfaceType(named) || isUnionType(named)) {
    return { __typename: schema.getPossibleTypes(named)[0]?.name ?? '', seed };
  }
  switch (named.name) {
    case 'Int':
    case 'Int64':
      return sum(seed) % 100_000;
    case 'Float':
      return (sum(seed) % 1000) / 7;
    case 'Boolean':
      return sum(seed) % 2 === 0;
    case 'Instant':
      return new Date(Date.UTC(2026, 0, 1) + (sum(seed) % 1_000_000) * 1000).toISOString();
    case 'ID':
      return `sample:${seed}`;
    case 'String':
      return `${info.fieldName} of ${seed}, invented and about as long as a real one`;
    default:
      return { seed };
  }
}

/** Items of a connection come as many as its field was asked for. */
function listLength(info: GraphQLResolveInfo): number {
  if (info.fieldName === 'nodes') return info.path.prev?.key === 'files' ? 10 : 5;
  return LIST_SIZES[info.fieldName] ?? DEFAULT_LIST_SIZE;
}

function sum(text: string): number {
  let total = 7;
  for (let index = 0; index < text.length; index++) total = (total * 31 + text.charCodeAt(index)) % 1_000_003;
  return total;
}
