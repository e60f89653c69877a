import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as typescriptPlugin from '@graphql-codegen/typescript';
import * as resolversPlugin from '@graphql-codegen/typescript-resolvers';
import { Kind, parse } from 'graphql';
import { SUBGRAPH_NAMES } from './compose-subgraphs.js';

/** Federation's own directives and scalars, enough for the generator to read a subgraph's SDL. */
const FEDERATION_DEFINITIONS = `
  scalar link__Import
  scalar FieldSet
  directive @link(url: String!, as: String, import: [link__Import]) repeatable on SCHEMA
  directive @key(fields: FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
  directive @requires(fields: FieldSet!) on FIELD_DEFINITION
  directive @external on OBJECT | FIELD_DEFINITION
  directive @shareable repeatable on OBJECT | FIELD_DEFINITION
`;

/** Resolver types of every subgraph: subgraphs/<name>/gen/resolver-types.ts. */
export async function generateResolverTypes(root: string): Promise<void> {
  for (const name of SUBGRAPH_NAMES) {
    const { definitions } = parse(readFileSync(join(root, 'subgraphs', name, 'schema.graphql'), 'utf8'));
    // The schema extension only links Federation, whose directives are defined above.
    const own = definitions.filter(({ kind }) => kind !== Kind.SCHEMA_EXTENSION);
    const filename = join(root, 'subgraphs', name, 'gen', 'resolver-types.ts');
    const output = await codegen({
      filename,
      schema: { kind: Kind.DOCUMENT, definitions: [...parse(FEDERATION_DEFINITIONS).definitions, ...own] },
      documents: [],
      config: {
        federation: true,
        useTypeImports: true,
        enumsAsTypes: true,
        avoidOptionals: { field: false, inputValue: false, object: false, defaultValue: true },
        maybeValue: 'T | null | undefined',
        scalars: { Instant: 'string', Int64: 'number', ID: { input: 'string', output: 'string' } },
        contextType: '../context.js#Context',
        mappers: mappersOf(name),
        resolversNonOptionalTypename: false,
        skipTypename: true,
      },
      plugins: [{ typescript: {} }, { resolvers: {} }],
      pluginMap: { typescript: typescriptPlugin, resolvers: resolversPlugin },
    });
    mkdirSync(join(root, 'subgraphs', name, 'gen'), { recursive: true });
    writeFileSync(filename, `// Generated from ../schema.graphql by \`npm run generate\`. Do not edit.\n${output}`);
  }
}

/** What a resolver of each type receives as its parent: declared in the subgraph's own parents.ts. */
function mappersOf(name: (typeof SUBGRAPH_NAMES)[number]): Record<string, string> {
  const mapped: Record<(typeof SUBGRAPH_NAMES)[number], readonly string[]> = {
    search: ['Dataset', 'File', 'Repository', 'HarvestJob', 'SearchSource'],
    storage: ['Dataset', 'File', 'Peer', 'TransferJob'],
    replication: ['Dataset'],
    provenance: ['Dataset', 'Provenance', 'ProvenanceRecord'],
    registry: ['Adapter', 'Institution', 'Repository'],
  };
  return Object.fromEntries(mapped[name].map((type) => [type, `../parents.js#${type}Parent`]));
}
