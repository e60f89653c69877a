import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Metrics of everything that runs in this process. One for all: each metric is named once and counts every part. */
export const processRegistry = new Registry();

/** Upper bounds of durations, in seconds: from a call on loopback to the longest request. */
const DURATION_BUCKETS_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Names begin with `sc_` and end in their unit (`_seconds`, `_bytes`) or, of counters, in `_total`. */
export interface MetricDescription<Label extends string> {
  readonly name: string;
  readonly help: string;
  /** MUST take few values: a closed list, or names of what an operator set up. Never ids, paths or texts of callers. */
  readonly labelNames: readonly Label[];
}

export function createCounter<Label extends string>(description: MetricDescription<Label>): Counter<Label> {
  return new Counter({ ...description, registers: [processRegistry] });
}

/** Observes durations in seconds; its `_count` is the number of events. */
export function createDurations<Label extends string>(description: MetricDescription<Label>): Histogram<Label> {
  return new Histogram({ ...description, buckets: DURATION_BUCKETS_SECONDS, registers: [processRegistry] });
}

/** A gauge that is read when somebody looks: nothing keeps it up to date in between. */
export interface WatchedGauge<Label extends string> {
  /**
   * Reads the value at every look until the returned function is called. Several of the same labels add up; one that
   * fails is left out of that look.
   */
  watch(labels: Readonly<Record<Label, string>>, read: () => number | Promise<number>): () => void;
}

export function createWatchedGauge<Label extends string>(description: MetricDescription<Label>): WatchedGauge<Label> {
  const watched = new Set<{ labels: Readonly<Record<Label, string>>; read: () => number | Promise<number> }>();
  const gauge: Gauge<Label> = new Gauge({
    ...description,
    registers: [processRegistry],
    collect: async () => {
      const values = await Promise.allSettled(
        [...watched].map(async ({ labels, read }) => [labels, await read()] as const),
      );
      gauge.reset();
      for (const value of values) if (value.status === 'fulfilled') gauge.inc(...value.value);
    },
  });
  return {
    watch: (labels, read) => {
      const entry = { labels, read };
      watched.add(entry);
      return () => void watched.delete(entry);
    },
  };
}

let defaultsCollected = false;

/**
 * Metrics of the process in the text format of Prometheus: memory, CPU and event loop of Node, and what the parts count.
 * @param own a registry with metrics of one part, printed first; MUST NOT hold names of the process registry
 */
export async function printMetrics(own?: Registry): Promise<string> {
  // At the first look, not when this is imported: a command that ends at once needs no watch over its event loop.
  if (!defaultsCollected) collectDefaultMetrics({ register: processRegistry });
  defaultsCollected = true;
  const texts = await Promise.all([own?.metrics() ?? '', processRegistry.metrics()]);
  return texts.join('');
}
