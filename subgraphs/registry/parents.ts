import type { AdapterEntry } from './adapter-store.js';

/** What resolvers of the mapped types receive. */
export type AdapterParent = AdapterEntry;

export interface InstitutionParent {
  readonly id: string;
}

export interface RepositoryParent {
  readonly id: string;
}
