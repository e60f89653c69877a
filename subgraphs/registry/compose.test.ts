import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { composeSupergraph } from './compose.js';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])';
const first = {
  name: 'first',
  url: 'http://first.invalid/graphql',
  sdl: `${LINK} type Query { a: A } type A @key(fields: "id") { id: ID! }`,
};
const second = {
  name: 'second',
  url: 'http://second.invalid/graphql',
  sdl: `${LINK} type A @key(fields: "id") { id: ID! b: Int }`,
};

describe('composing a supergraph', () => {
  it('gives the same text in whatever order subgraphs come, with their URLs', () => {
    const sdl = composeSupergraph([first, second]);
    expect(composeSupergraph([second, first])).toBe(sdl);
    expect(sdl).toContain('@join__graph(name: "first", url: "http://first.invalid/graphql")');
  });

  it('refuses with every error at once', () => {
    const wrong = {
      ...second,
      sdl: `${LINK} type A @key(fields: "nothing") { id: ID! } type B @key(fields: "none") { id: ID! }`,
    };
    expect(() => composeSupergraph([first, wrong])).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    expect(() => composeSupergraph([first, wrong])).toThrow(/nothing[\s\S]*none/);
  });

  it('refuses with hints too: subgraphs that disagree', () => {
    const described = (text: string) =>
      `${LINK} type Query { a: A } "${text}" type A @key(fields: "id") @shareable { id: ID! }`;
    const subgraphs = [
      { ...first, sdl: described('One thing.') },
      { ...second, sdl: described('Another thing.').replace('type Query { a: A }', '') },
    ];
    expect(() => composeSupergraph(subgraphs)).toThrow(/hint INCONSISTENT_DESCRIPTION/);
  });

  it('names the subgraph whose SDL is no GraphQL', () => {
    const broken = { ...first, sdl: 'type Query {' };
    expect(() => composeSupergraph([broken])).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', source: 'first' }),
    );
  });

  it('gives the supergraph that is committed', async () => {
    const root = new URL('../../', import.meta.url);
    const names = ['provenance', 'registry', 'replication', 'search', 'storage'];
    const subgraphs = await Promise.all(
      names.map(async (name) => ({
        name,
        url: `http://${name}.subgraph.invalid/graphql`,
        sdl: await readFile(new URL(`subgraphs/${name}/schema.graphql`, root), 'utf8'),
      })),
    );
    const committed = await readFile(new URL('gateway/supergraph.graphql', root), 'utf8');
    expect(composeSupergraph(subgraphs)).toBe(committed);
  });
});
