import { afterEach, describe, expect, it } from '@jest/globals';
import { createCallerTokenVerifier } from '../core/caller-token.js';
import { createTestBench } from './test-gateway.js';
import { ask, composeTestGraph } from './test-graph.js';

const bench = await createTestBench();
const { startGateway, startSubgraph, serve, signer } = bench;
afterEach(bench.stop);

describe('a query across two subgraphs', () => {
  const query =
    '{ books { title reviews { body book { title } } } newestReview { body book { title sequel { title } } } }';
  const expected = {
    books: [
      { title: 'Chaos', reviews: [{ body: 'Review of 1', book: { title: 'Chaos' } }] },
      { title: 'Attractors', reviews: [{ body: 'Review of 2', book: { title: 'Attractors' } }] },
      { title: 'Order', reviews: [{ body: 'Review of 3', book: { title: 'Order' } }] },
    ],
    newestReview: { body: 'Newest', book: { title: 'Attractors', sequel: { title: 'Order' } } },
  };

  it('is answered in one process', async () => {
    const [books, reviews] = [await startSubgraph('books'), await startSubgraph('reviews')];
    const gateway = await startGateway({ subgraphs: { books, reviews } });
    const { status, body } = await ask(gateway.fetch, query);
    expect(body).toEqual({ data: expected });
    expect(status).toBe(200);
  });

  it('is answered over HTTP at the URLs of the supergraph', async () => {
    const books = await serve((await startSubgraph('books')).fetch);
    const reviews = await serve((await startSubgraph('reviews')).fetch);
    const sdl = composeTestGraph({ books: `${books.url}/graphql`, reviews: `${reviews.url}/graphql` });
    const gateway = await startGateway({ supergraph: { sdl } });
    const { url } = await gateway.listen({ host: '127.0.0.1', port: 0 });
    const { body } = await ask((request) => fetch(new Request(`${url}/graphql`, request)), query);
    expect(body).toEqual({ data: expected });
  });

  it('carries a token that subgraphs verify, the request id, the time left and the public URL', async () => {
    const verifier = createCallerTokenVerifier({ jwks: signer.jwks });
    const verify = (headers: Headers) => verifier.verify(headers.get('authorization'));
    const [books, reviews] = [await startSubgraph('books', { verify }), await startSubgraph('reviews', { verify })];
    const gateway = await startGateway({ subgraphs: { books, reviews } });
    const { body, headers } = await ask(gateway.fetch, query, {
      headers: { 'x-request-id': 'story-7', 'x-sc-timeout-ms': '5000', authorization: 'Bearer mine' },
    });
    expect(body).toEqual({ data: expected });
    expect(headers.get('x-request-id')).toBe('story-7');
    const sent = books.requests[0]?.headers;
    expect(sent?.get('x-request-id')).toBe('story-7');
    expect(Number(sent?.get('x-sc-timeout-ms'))).toBeGreaterThan(0);
    expect(Number(sent?.get('x-sc-timeout-ms'))).toBeLessThanOrEqual(5000);
    expect(sent?.get('x-sc-public-url')).toBe('http://gateway.test');
  });
});
