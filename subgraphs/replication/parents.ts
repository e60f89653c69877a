/** An entity reference: its id as the caller wrote it. */
export interface DatasetParent {
  readonly id: string;
}
