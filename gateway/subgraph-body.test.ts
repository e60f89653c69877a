import { describe, expect, it } from '@jest/globals';
import { createBoundedCache } from '../core/bounded-cache.js';
import { createSubgraphBody } from './subgraph-body.js';

const queries = createBoundedCache<string, string>(2);
const box = (id: string) => ({ __typename: 'Box', id });
const QUERY = 'query ($representations: [_Any!]!, $n: Int) { _entities(representations: $representations) { id } }';

describe('a request to a subgraph', () => {
  it('is the JSON that GraphQL over HTTP wants, whatever stands in query and variables', () => {
    const query = 'query Q($a: String) { a(a: $a) # "quoted"\n }';
    const variables = { a: 'x"\n\u2028', list: [1, null], 'odd "name"': true };
    for (let time = 0; time < 2; time++) {
      const { text } = createSubgraphBody(query, variables, 'Q', queries);
      expect(JSON.parse(text)).toEqual({ query, operationName: 'Q', variables });
    }
    expect(JSON.parse(createSubgraphBody('{ a }', {}, undefined, queries).text)).toEqual({
      query: '{ a }',
      variables: {},
    });
  });

  it('asks for each entity once and gives as many as there were, each an object of its own', () => {
    const representations = [box('1'), box('2'), box('1'), box('3'), box('2')];
    const body = createSubgraphBody(QUERY, { representations, n: 7 }, undefined, queries);
    expect(JSON.parse(body.text)).toEqual({
      query: QUERY,
      variables: { n: 7, representations: [box('1'), box('2'), box('3')] },
    });
    const data = body.expand({ _entities: [{ size: 1 }, null, { size: 3 }] });
    expect(data).toEqual({ _entities: [{ size: 1 }, null, { size: 1 }, { size: 3 }, null] });
    const entities = data?._entities as object[];
    expect(entities[0]).not.toBe(entities[2]);
  });

  it('places an error at the first of the entities that it concerns', () => {
    const body = createSubgraphBody(QUERY, { representations: [box('1'), box('1'), box('2')] }, undefined, queries);
    const message = 'lost';
    expect(body.expandError({ message, path: ['_entities', 1, 'size'] })).toEqual({
      message,
      path: ['_entities', 2, 'size'],
    });
    expect(body.expandError({ message })).toEqual({ message });
  });
});
