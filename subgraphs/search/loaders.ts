import DataLoader from 'dataloader';
import type { SearchIndex } from '../../adapters/search/contract.js';
import type { Call } from '../../core/call.js';
import { parseDatasetId } from '../../core/ids.js';
import type { DatasetRecord } from '../../formats/dataset-record.js';
import type { Catalogue, SourceStatus } from './catalogue.js';

/** One look-up each per request, however many fields ask. */
export interface Loaders {
  readonly datasets: DataLoader<string, DatasetRecord | undefined>;
  readonly sources: DataLoader<string, SourceStatus | undefined>;
  /** All sources, read once. */
  listSources(): Promise<SourceStatus[]>;
}

export function createLoaders(index: SearchIndex, catalogue: Catalogue, call: Call): Loaders {
  let listed: Promise<SourceStatus[]> | undefined;
  const listSources = () => (listed ??= catalogue.listSources(call));
  return {
    datasets: new DataLoader((ids) => index.readDatasets(ids.map(parseDatasetId), call)),
    sources: new DataLoader(async (ids) => {
      const byId = new Map((await listSources()).map((source) => [source.repository.id, source]));
      return ids.map((id) => byId.get(id));
    }),
    listSources,
  };
}
