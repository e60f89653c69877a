import { createCounter } from '../../core/metrics.js';

export const audits = createCounter({
  name: 'sc_replication_audits_total',
  help: 'Audits of a dataset, by the state of health that each found.',
  labelNames: ['outcome'],
});

export const pulls = createCounter({
  name: 'sc_replication_pulls_total',
  help: 'Copies that a peer was asked to make, by outcome: COPIED or FAILED.',
  labelNames: ['outcome'],
});
