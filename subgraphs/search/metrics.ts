import { createCounter } from '../../core/metrics.js';

/** Repositories are those that an institution registered. */
export const harvestedRecords = createCounter({
  name: 'sc_search_harvested_records_total',
  help: 'Dataset records that were committed to the spool, by repository.',
  labelNames: ['repository'],
});

export const ingestedRecords = createCounter({
  name: 'sc_search_ingested_records_total',
  help: 'Dataset records of the spool that were put into the index, by repository; unchanged ones count too.',
  labelNames: ['repository'],
});
