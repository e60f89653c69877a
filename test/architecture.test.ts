import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  type ASTNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  parse,
  type TypeNode,
  visit,
} from 'graphql';
import { ERRORS, type ErrorCode } from '../core/errors.js';

/** Rules of the house that no other tool checks. */
const ROOT = join(import.meta.dirname, '..');
const SUBGRAPHS = ['search', 'storage', 'replication', 'provenance', 'registry'] as const;
const FOLDERS = [
  'core',
  'formats',
  'proto',
  'adapters',
  'subgraphs',
  'gateway',
  'portal',
  'clients',
  'cli',
  'load-tests',
  'test',
  'scripts',
  'docs',
] as const;

interface SourceFile {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** Everything that is written by hand, by path. */
const files: readonly SourceFile[] = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mjs|js|sh|css|graphql|proto|py|go)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
    .filter((path) => !/(^|\/)(node_modules|gen|data|\.venv)\/|^gateway\/supergraph\.graphql$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') })),
).sort((a, b) => (a.path < b.path ? -1 : 1));

const isTest = ({ path }: SourceFile): boolean => /\.(test|real)\.ts$|\/conformance\//.test(path);
const isProduct = ({ path }: SourceFile): boolean =>
  /^(core|formats|adapters|subgraphs|gateway|cli)\/.*\.ts$/.test(path) &&
  !/\.(test|real|fixture)\.ts$|\/fake-/.test(path);

describe('files', () => {
  it('are found, so that the rules below say something', () => {
    expect(files.length).toBeGreaterThan(300);
  });

  it('are not named after nothing in particular', () => {
    const words = ['util', 'utils', 'helper', 'helpers', 'manager', 'managers', 'misc', 'common'];
    const vague = files.filter(({ path }) =>
      path.split('/').some((part) => part.split(/[-.]/).some((word) => words.includes(word))),
    );
    expect(vague.map(({ path }) => path)).toEqual([]);
  });

  it('have at most 500 lines, or say in their first lines why "over 500 lines"', () => {
    const long = files.filter(
      ({ text }) => text.split('\n').length > 501 && !/over 500 lines/i.test(text.split('\n', 12).join('\n')),
    );
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  it('leave nothing for later', () => {
    const marks = /\b(TO)(?=DO\b)|\bFIX(?=ME\b)/;
    expect(files.filter(({ text }) => marks.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

describe('package-lock.json', () => {
  it.each(['package-lock.json', 'load-tests/rivals/package-lock.json'])('%s names no registry', (path) => {
    const lock = readFileSync(join(ROOT, path), 'utf8');
    expect([...lock.matchAll(/"resolved": "(\w+:\/\/[^/"]+)/g)].map(([, host]) => host)).toEqual([]);
  });
});

describe.each(SUBGRAPHS)('the schema of %s', (name) => {
  const schema = readSchema(name);

  it('describes every type, field, argument and value', () => {
    expect(schema.filter(({ description }) => description === '').map(({ place }) => place)).toEqual([]);
  });

  it('says in the name of each number what it counts', () => {
    const unclear = schema.filter(
      ({ place, type, field }) =>
        /^(Int|Int64|Float)$/.test(nameOfType(type)) &&
        !/(Bytes|Ms|Seconds|Copies|Index|[cC]ount)$/.test(field) &&
        !(place in NUMBERS) &&
        !(field in NUMBERS),
    );
    expect(unclear.map(({ place }) => place)).toEqual([]);
  });

  it('gives lists as connections, or lists that something bounds', () => {
    const lists = schema.filter(({ type, kind }) => kind === 'field' && isList(type));
    const unbounded = lists.filter(
      ({ place }) => !/^\w+Connection\.(nodes|edges)$/.test(place) && !(place in BOUNDED_LISTS),
    );
    expect(unbounded.map(({ place }) => place)).toEqual([]);
  });

  it('pages each connection by first and after, and says how many it gives', () => {
    const paged = schema.filter(({ type, kind }) => kind === 'field' && nameOfType(type).endsWith('Connection'));
    for (const { place } of paged) {
      const first = schema.find((item) => item.place === `${place}(first)`);
      expect({ place, first: first?.description }).toEqual({ place, first: expect.stringMatching(/\d/) });
      expect(schema.some((item) => item.place === `${place}(after)`)).toBe(true);
    }
  });
});

it('no exception for a field that is gone', () => {
  const known = new Set(SUBGRAPHS.flatMap(readSchema).flatMap(({ place, field }) => [place, field]));
  const exceptions = [...Object.keys(NUMBERS), ...Object.keys(BOUNDED_LISTS)];
  expect(exceptions.filter((name) => !known.has(name))).toEqual([]);
});

describe.each(Object.keys(ERRORS) as ErrorCode[])('the error code %s', (code) => {
  it('is raised, documented and asserted', () => {
    // `SciclomaticError('X'`, `SciclomaticError.from(error, 'X'` or a function of that purpose, `#error('X'`.
    const raise = new RegExp(`[eE]rror(?:\\.from)?\\((?:[^'()]*, )?\\s*'${code}'`);
    expect(files.filter((file) => isProduct(file) && raise.test(file.text)).length).toBeGreaterThan(0);
    const { meaning, callerShould, httpStatus, grpcStatus } = ERRORS[code];
    const row = readFileSync(join(ROOT, 'docs', 'errors.md'), 'utf8')
      .split('\n')
      .find((line) => line.startsWith(`| \`${code}\``));
    for (const cell of [meaning, callerShould, String(httpStatus), String(grpcStatus)]) expect(row).toContain(cell);
    const own = basename(import.meta.filename);
    const asserting = files.filter(
      (file) => isTest(file) && basename(file.path) !== own && new RegExp(`['"]${code}['"]`).test(file.text),
    );
    expect(asserting.length).toBeGreaterThan(0);
  });
});

/** Numbers whose names need no unit, and why: by place, or by field where it means the same everywhere. */
const NUMBERS: Readonly<Record<string, string>> = {
  first: 'Relay’s word: nodes or edges of a page',
  'JobProgress.done': 'its unit is the field beside it',
  'JobProgress.total': 'its unit is the field beside it',
  'Log.size': 'C2SP’s word for the entries of a log',
  'Query.searchDatasets(facetSize)': 'buckets of a facet, as Elasticsearch’s size',
};

/** Lists that are no connections, and what keeps them short. */
const BOUNDED_LISTS: Readonly<Record<string, string>> = {
  'Adapter.supports': 'names of a manifest, at most 64',
  'CreateUploadsPayload.uploads': 'one for each input, at most 10000',
  'Dataset.creators': 'part of a record, at most 3 MiB',
  'Dataset.parameters': 'part of a record, at most 3 MiB',
  'Dataset.subjects': 'part of a record, at most 3 MiB',
  'DatasetEdge.highlights': 'one for each field of HighlightField',
  'DatasetHealth.copies': 'one for each peer',
  'DatasetSearchConnection.facets': 'one for each field of FacetField',
  'DatasetSearchConnection.sources': 'one for each repository',
  'Facet.buckets': 'facetSize, at most 1000',
  'File.checksums': 'at most 32 in a manifest, one for each algorithm and origin',
  'File.downloads': 'one for each protocol',
  'HarvestJob.problems': 'at most 1000 kept',
  'Highlight.fragments': 'a few for each field',
  'ProvenanceRecord.detail': 'part of a log entry, at most 65535 bytes',
  'ProvenanceRecord.generated': 'part of a log entry, at most 65535 bytes',
  'ProvenanceRecord.used': 'part of a log entry, at most 65535 bytes',
};

interface SchemaItem {
  readonly kind: 'type' | 'field' | 'input' | 'argument' | 'value';
  /** `Type`, `Type.field` or `Type.field(argument)`. */
  readonly place: string;
  /** Last name of the place. */
  readonly field: string;
  readonly description: string;
  readonly type: TypeNode | undefined;
}

function readSchema(name: string): SchemaItem[] {
  const items: SchemaItem[] = [];
  const describeNode = (node: { readonly description?: { readonly value: string } | undefined }): string =>
    node.description?.value.trim() ?? '';
  const addFields = (
    parent: string,
    fields: readonly (FieldDefinitionNode | InputValueDefinitionNode)[] | undefined,
  ): void => {
    for (const node of fields ?? []) {
      const place = `${parent}.${node.name.value}`;
      const kind = node.kind === Kind.FIELD_DEFINITION ? 'field' : 'input';
      items.push({ kind, place, field: node.name.value, description: describeNode(node), type: node.type });
      for (const argument of node.kind === Kind.FIELD_DEFINITION ? (node.arguments ?? []) : []) {
        const { value: field } = argument.name;
        const description = describeNode(argument);
        items.push({ kind: 'argument', place: `${place}(${field})`, field, description, type: argument.type });
      }
    }
  };
  const text = readFileSync(join(ROOT, 'subgraphs', name, 'schema.graphql'), 'utf8');
  visit(parse(text), {
    enter: (node: ASTNode) => {
      if (!('name' in node) || node.name === undefined || !node.kind.endsWith('TypeDefinition')) return;
      const { value: type } = node.name;
      const description = 'description' in node ? describeNode(node) : '';
      items.push({ kind: 'type', place: type, field: type, description, type: undefined });
      if ('fields' in node) addFields(type, node.fields);
      if (node.kind !== Kind.ENUM_TYPE_DEFINITION) return;
      for (const value of node.values ?? []) {
        const { value: field } = value.name;
        items.push({
          kind: 'value',
          place: `${type}.${field}`,
          field,
          description: describeNode(value),
          type: undefined,
        });
      }
    },
  });
  return items;
}

function nameOfType(type: TypeNode | undefined): string {
  if (type === undefined) return '';
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOfType(type.type);
}

function isList(type: TypeNode | undefined): boolean {
  return type?.kind === Kind.LIST_TYPE || (type?.kind === Kind.NON_NULL_TYPE && type.type.kind === Kind.LIST_TYPE);
}
