import { createWatchedGauge } from '../../core/metrics.js';

export const ledgerEntries = createWatchedGauge({
  name: 'sc_provenance_ledger_entries',
  help: 'Entries in the log, by its origin.',
  labelNames: ['origin'],
});
