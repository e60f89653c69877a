import { createCounter, createWatchedGauge } from '../../../core/metrics.js';

export const transferredBytes = createCounter({
  name: 'sc_storage_transferred_bytes_total',
  help: 'Bytes of chunks that went through ChunkService, by direction: IN or OUT of the peer.',
  labelNames: ['direction'],
});

export const storedBytes = createWatchedGauge({
  name: 'sc_storage_stored_bytes',
  help: 'Bytes of chunks that a peer keeps.',
  labelNames: ['peer'],
});

export const collectedBytes = createCounter({
  name: 'sc_storage_collected_bytes_total',
  help: 'Bytes of chunks that peers removed because no manifest named them.',
  labelNames: [],
});
