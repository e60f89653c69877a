import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { buildSchema, isIntrospectionType, isSpecifiedScalarType } from 'graphql';
import { z } from 'zod';
import { ROLE_SETTINGS, ROLES, sourceSchema } from '../../cli/house/settings.js';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

describe('docs/architecture.md', () => {
  it('draws the import arrows that dependency-cruiser enforces', async () => {
    const drawn = [...read('docs/architecture.md').matchAll(/^ {2}(\S+) --> (\S+)$/gm)].map(([, from, to]) =>
      [from, to].join(' → '),
    );
    expect(drawn.toSorted()).toEqual((await listEnforcedArrows()).toSorted());
  });
});

describe('docs/dependencies.md', () => {
  it('has each dependency with its range and a reason, and no other', () => {
    const { dependencies, devDependencies, overrides } = JSON.parse(read('package.json')) as Record<
      string,
      Record<string, string>
    >;
    const used = Object.entries({ ...dependencies, ...devDependencies, ...overrides }).map(
      ([name, range]) => `${name} ${range}`,
    );
    const rows = listRows(read('docs/dependencies.md')).filter(([name]) => name?.startsWith('`'));
    expect(rows.map(([name, range]) => `${unquote(name)} ${unquote(range)}`).toSorted()).toEqual(used.toSorted());
    expect(rows.filter(([, , purpose]) => !purpose)).toEqual([]);
  });
});

describe('docs/operations.md', () => {
  const rows = listRows(read('docs/operations.md'));

  it('has each setting of each role with its default, and no other', () => {
    const documented = rows.filter(([name = '', roles = '']) => name.startsWith('`') && isRoleList(roles));
    expect(documented.map(([name, roles, standard]) => `${unquote(name)} | ${roles} | ${standard}`).toSorted()).toEqual(
      listSettings().toSorted(),
    );
    expect(documented.filter(([, , , meaning]) => !meaning)).toEqual([]);
  });

  it('has each metric', () => {
    const sources = ['core', 'gateway', 'subgraphs', 'adapters', 'cli'].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((path) => /\.ts$/.test(path) && !/\.(test|real|fixture)\.ts$/.test(path))
        .map((path) => read(join(folder, path))),
    );
    const names = sources.flatMap((text) => [...text.matchAll(/name: '(sc_\w+)'/g)].map(([, name]) => name));
    expect(names.length).toBeGreaterThan(4);
    const text = read('docs/operations.md');
    expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });

  it('has each option of each source', () => {
    for (const { shape } of sourceSchema.options) {
      const { adapter, ...options } = shape;
      const row = rows.find(([name]) => unquote(name) === adapter.value);
      const documented = [
        ...(row?.[1] ?? '')
          .split(';')
          .slice(0, 2)
          .join(';')
          .matchAll(/`(\w+)`/g),
      ].map(([, option]) => option);
      expect({ adapter: adapter.value, options: documented.toSorted() }).toEqual({
        adapter: adapter.value,
        options: Object.keys(options).toSorted(),
      });
    }
  });
});

describe('docs/glossary.md', () => {
  const glossary = read('docs/glossary.md');

  it('has each type of the schema', () => {
    const schema = buildSchema(read('clients/typescript/gen/schema.graphql'));
    const names = Object.values(schema.getTypeMap())
      .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
      .map(({ name }) => name)
      // Parts of one call, named after it or after the type that they carry.
      .filter((name) => !/^(Query|Mutation|Auditor.*)$|(Connection|Edge|Payload|Input)$/.test(name));
    expect(names.filter((name) => !glossary.includes(`\`${name}\``))).toEqual([]);
  });

  it('has each service of the protos', () => {
    const protos = readdirSync(join(ROOT, 'proto'), { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.proto'),
    );
    const services = protos.flatMap((path) =>
      [...read(join('proto', path)).matchAll(/^service (\w+)/gm)].map(([, name]) => name),
    );
    expect(services.length).toBeGreaterThan(5);
    expect(services.filter((name) => !glossary.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('links between documents', () => {
  const pages = ['AGENTS.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].concat(
    readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md'))
      .map((path) => join('docs', path)),
  );
  it.each(pages)('of %s lead to files', (page) => {
    const targets = [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, target = '']) => target);
    expect(targets.filter((target) => !existsSync(join(ROOT, dirname(page), target)))).toEqual([]);
  });
});

describe('AGENTS.md', () => {
  it('is short enough to be read', () => {
    expect(read('AGENTS.md').split('\n').length).toBeLessThan(80);
  });
});

const ruleSchema = z.object({
  forbidden: z.array(
    z.object({
      from: z.object({ path: z.string().optional() }),
      to: z.object({ path: z.string().optional(), pathNot: z.string().optional() }),
    }),
  ),
});

/** `a → b` for each b that the rules of folder a let through. */
async function listEnforcedArrows(): Promise<string[]> {
  const loaded = (await import(join(ROOT, '.dependency-cruiser.mjs'))) as { default: unknown };
  return ruleSchema.parse(loaded.default).forbidden.flatMap(({ from, to }) => {
    const [folder, ...others] = listFolders(from.path);
    const allowed = listFolders(to.pathNot);
    // Only the rules of single folders name that folder first among what it may reach.
    if (folder === undefined || others.length > 0 || allowed[0] !== folder) return [];
    return allowed.slice(1).map((target) => `${folder} → ${target}`);
  });
}

/** Folders of a pattern `^(a|b)/`. */
function listFolders(pattern = ''): string[] {
  return /^\^\(([\w|-]+)\)\/$/.exec(pattern)?.[1]?.split('|') ?? [];
}

/** `name | roles | default`, one for each setting and default. */
function listSettings(): string[] {
  const roles = new Map<string, string[]>();
  for (const role of ROLES) {
    for (const [name, field] of Object.entries<z.ZodType>(ROLE_SETTINGS[role].shape)) {
      const row = JSON.stringify([name, describeDefault(field)]);
      roles.set(row, [...(roles.get(row) ?? []), role]);
    }
  }
  return [...roles].map(([row, names]) => {
    const [name, standard] = JSON.parse(row) as [string, string];
    return `${name} | ${names.length === ROLES.length ? 'every role' : names.join(', ')} | ${standard}`;
  });
}

function describeDefault(field: z.ZodType): string {
  if (field instanceof z.ZodOptional) return 'none';
  if (!(field instanceof z.ZodDefault)) return 'required';
  const value = field.def.defaultValue;
  if (typeof value === 'string') return `\`${value}\``;
  return Array.isArray(value) && value.length > 0 ? `${value.length} entries` : `\`${JSON.stringify(value)}\``;
}

const isRoleList = (text: string): boolean =>
  text === 'every role' || text.split(', ').every((name) => ROLES.some((role) => role === name));

/** Cells of every row of every table. */
function listRows(text: string): string[][] {
  return [...text.matchAll(/^\| (.*) \|$/gm)].map(([, row = '']) => row.split(' | ').map((cell) => cell.trim()));
}

const unquote = (cell = ''): string => cell.replaceAll('`', '');
