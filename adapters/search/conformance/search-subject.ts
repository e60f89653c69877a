import type { SearchIndex, SearchSupports } from '../contract.js';

/** What the surroundings of an index under test can do, beside what it supports itself. */
export interface SearchTestSupports extends SearchSupports {
  /** The index can be closed and opened again on the same data: implies persistent. */
  readonly reopens: boolean;
  /** The clock by which the index ages its cursors can be moved. */
  readonly movesClock: boolean;
}

/** A search index as conformance cases see it. Each case gets a fresh, empty one. */
export interface SearchSubject extends SearchIndex {
  readonly supports: SearchTestSupports;
  /** Closes the index and opens it again on the same data. */
  reopen(): Promise<void>;
  advanceClock(milliseconds: number): void;
}

export interface SearchSubjectOptions {
  /** Opens an index; called again to reopen it when `reopens`. */
  readonly open: () => Promise<SearchIndex>;
  readonly reopens?: boolean;
  readonly advanceClock?: (milliseconds: number) => void;
  /** Removes what the index left behind, after it is closed. */
  readonly dispose?: () => Promise<void>;
}

/** Builds the subject of one case. */
export async function createSearchSubject(options: SearchSubjectOptions): Promise<SearchSubject> {
  let index = await options.open();
  const { reopens = false, advanceClock } = options;
  return {
    supports: { ...index.supports, reopens, movesClock: advanceClock !== undefined },
    apply: (change, call) => index.apply(change, call),
    search: (request, call) => index.search(request, call),
    readDatasets: (ids, call) => index.readDatasets(ids, call),
    countByRepository: (call) => index.countByRepository(call),
    listIds: (repository, call) => index.listIds(repository, call),
    async close() {
      await index.close();
      await options.dispose?.();
    },
    async reopen() {
      await index.close();
      index = await options.open();
    },
    advanceClock: (milliseconds) => advanceClock?.(milliseconds),
  };
}
