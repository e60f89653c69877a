import type { DatasetRecord } from '../../formats/dataset-record.js';
import { FACET_FIELDS, type FacetField } from './contract.js';

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

/** The values of one facet field, numbered in the order of their arrival. */
export type FacetDictionary = { readonly values: string[]; readonly ordinals: Map<string, number> };

export const createDictionaries = (): FacetDictionary[] =>
  FACET_FIELDS.map(() => ({ values: [], ordinals: new Map<string, number>() }));

/** The number of a value, given to it when it is new. */
export function internValue({ values, ordinals }: FacetDictionary, value: string): number {
  const known = ordinals.get(value);
  if (known !== undefined) return known;
  ordinals.set(value, values.length);
  return values.push(value) - 1;
}
