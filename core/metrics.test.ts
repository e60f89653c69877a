import { describe, expect, it } from '@jest/globals';
import { Counter, Registry } from 'prom-client';
import { createCounter, createDurations, createWatchedGauge, printMetrics, processRegistry } from './metrics.js';

describe('process metrics', () => {
  it('are those of Node, once, and what the parts count, after those of the part that is asked', async () => {
    const own = new Registry();
    new Counter({ name: 'sc_own_total', help: 'Own.', registers: [own] }).inc(2);
    createCounter({ name: 'sc_test_events_total', help: 'Events.', labelNames: ['kind'] }).inc({ kind: 'seen' }, 3);
    await printMetrics();
    const text = await printMetrics(own);
    expect(text.match(/^process_resident_memory_bytes \d+$/gm)).toHaveLength(1);
    expect(text).toMatch(/^sc_own_total 2$/m);
    expect(text).toMatch(/^sc_test_events_total\{kind="seen"\} 3$/m);
    expect(text.indexOf('sc_own_total')).toBeLessThan(text.indexOf('sc_test_events_total'));
    // Each line is a comment or a sample: nothing runs into the next text.
    for (const line of text.split('\n')) expect(line).toMatch(/^$|^# (HELP|TYPE) |^[a-z_]\w*(\{.*\})? \S+$/i);
  });

  it('observe durations in seconds', async () => {
    const durations = createDurations({ name: 'sc_test_duration_seconds', help: 'Time.', labelNames: [] });
    durations.observe(0.02);
    const text = await printMetrics();
    expect(text).toMatch(/sc_test_duration_seconds_bucket\{le="0.01"\} 0/);
    expect(text).toMatch(/sc_test_duration_seconds_bucket\{le="0.025"\} 1/);
    expect(text).toMatch(/sc_test_duration_seconds_sum 0.02/);
  });
});

describe('createWatchedGauge', () => {
  const gauge = createWatchedGauge({ name: 'sc_test_bytes', help: 'Bytes.', labelNames: ['store'] });
  const readSamples = async () => (await printMetrics()).match(/^sc_test_bytes.*$/gm) ?? [];

  it('reads when somebody looks, adds up what has the same labels, and leaves out what fails', async () => {
    let size = 1;
    const stop = [
      gauge.watch({ store: 'a' }, () => size),
      gauge.watch({ store: 'a' }, () => Promise.resolve(10)),
      gauge.watch({ store: 'b' }, () => {
        throw new Error('broken');
      }),
      gauge.watch({ store: 'c' }, () => 5),
    ];
    expect(await readSamples()).toEqual(['sc_test_bytes{store="a"} 11', 'sc_test_bytes{store="c"} 5']);
    size = 2;
    stop[3]?.();
    expect(await readSamples()).toEqual(['sc_test_bytes{store="a"} 12']);
    for (const one of stop) one();
    expect(await readSamples()).toEqual([]);
    expect(processRegistry.getSingleMetric('sc_test_bytes')).toBeDefined();
  });
});
