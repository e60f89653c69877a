import { afterEach, describe, expect, it } from '@jest/globals';
import { createCounter } from '../core/metrics.js';
import type { PartHealth } from '../core/part.js';
import { createTestBench } from './test-gateway.js';

const bench = await createTestBench();
const { startSubgraph } = bench;
afterEach(bench.stop);

const startGateway = async (options: Parameters<typeof bench.startGateway>[0]) =>
  bench.startGateway({
    subgraphs: { books: await startSubgraph('books'), reviews: await startSubgraph('reviews') },
    ...options,
  });

const part = (checkHealth: () => Promise<PartHealth>) => ({ checkHealth });
const saying = (health: PartHealth) => part(() => Promise.resolve(health));

async function readReady(gateway: { fetch(request: Request): Promise<Response> }) {
  const response = await gateway.fetch(new Request('http://gateway/health/ready'));
  return { status: response.status, body: (await response.json()) as unknown };
}

describe('/health/ready', () => {
  it('is READY when every part of the process says so', async () => {
    const gateway = await startGateway({
      parts: { books: saying({ state: 'READY' }), 'peer:a': saying({ state: 'READY' }) },
    });
    expect(await readReady(gateway)).toEqual({
      status: 200,
      body: {
        state: 'READY',
        parts: {
          supergraph: { state: 'READY' },
          'subgraph:books': { state: 'READY' },
          'subgraph:reviews': { state: 'READY' },
          'peer:a': { state: 'READY' },
        },
      },
    });
  });

  it('tells the reason of each part that lacks something, and goes on answering', async () => {
    const gateway = await startGateway({
      parts: {
        books: saying({ state: 'NOT_READY', reason: 'The log cannot be read: EIO' }),
        reviews: saying({ state: 'DEGRADED', reason: 'No storage peer is healthy' }),
        'peer:a': part(() => Promise.reject(new Error('disk gone'))),
        'peer:b': part(() => {
          throw new Error('at once');
        }),
      },
    });
    expect(await readReady(gateway)).toEqual({
      status: 200,
      body: {
        state: 'DEGRADED',
        reason: 'Not READY: subgraph:books, subgraph:reviews, peer:a, peer:b',
        parts: {
          supergraph: { state: 'READY' },
          'subgraph:books': { state: 'DEGRADED', reason: 'The log cannot be read: EIO' },
          'subgraph:reviews': { state: 'DEGRADED', reason: 'No storage peer is healthy' },
          'peer:a': { state: 'NOT_READY', reason: 'disk gone' },
          'peer:b': { state: 'NOT_READY', reason: 'at once' },
        },
      },
    });
  });

  it('does not wait for a part that says nothing', async () => {
    const gateway = await startGateway({ parts: { 'peer:a': part(() => new Promise(() => undefined)) } });
    expect(await gateway.checkHealth()).toMatchObject({
      state: 'DEGRADED',
      parts: { 'peer:a': { state: 'NOT_READY', reason: 'It says nothing about its health in time' } },
    });
  });
});

describe('/metrics', () => {
  it('gives the metrics of the gateway and of the process, each once', async () => {
    createCounter({ name: 'sc_health_test_total', help: 'A part of the process.', labelNames: [] }).inc(3);
    const gateway = await startGateway({});
    const text = await (await gateway.fetch(new Request('http://gateway/metrics'))).text();
    for (const name of ['sc_gateway_supergraph_subgraphs', 'sc_health_test_total', 'process_cpu_seconds_total'])
      expect(text.match(new RegExp(`^# TYPE ${name} `, 'gm'))).toHaveLength(1);
    expect(text).toMatch(/^sc_health_test_total 3$/m);
  });
});
