import type { DatasetRecord } from '../../formats/dataset-record.js';
import type { FacetField } from './contract.js';

/** The distinct values by which a record is filtered and counted under a field; empty when it has none. */
export function listFacetValues(record: DatasetRecord, field: FacetField): string[] {
  const values = rawValues(record, field).filter((value): value is string => value !== undefined && value !== '');
  return values.length < 2 ? values : [...new Set(values)];
}

function rawValues(record: DatasetRecord, field: FacetField): (string | undefined)[] {
  switch (field) {
    case 'repository':
      return [repositoryOf(record.id)];
    case 'subject':
      return [...record.subjects];
    case 'creator':
      return record.creators.map((creator) => creator.name);
    case 'license':
      return [record.license];
    case 'year':
      return [/^\d{4}(?!\d)/.exec(record.publishedAt ?? '')?.[0]];
    case 'resourceType':
      return [record.resourceType];
    default:
      field satisfies never;
      return [];
  }
}

/** The part of a dataset id before its first colon. */
export function repositoryOf(id: string): string {
  const colon = id.indexOf(':');
  return colon < 0 ? '' : id.slice(0, colon);
}
