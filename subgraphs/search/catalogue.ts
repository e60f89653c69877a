import type { Directory, DirectoryEntry } from '../../adapters/directory.js';
import type { SearchIndex } from '../../adapters/search/contract.js';
import type { Call } from '../../core/call.js';
import type { RepositoryId } from '../../core/ids.js';
import type { HarvestJobs } from './harvest-jobs.js';
import type { Spool } from './spool.js';

/** What one repository contributes to a search. */
export interface SourceStatus {
  readonly repository: { readonly id: string };
  readonly state: 'OK' | 'HARVESTING' | 'INCOMPLETE' | 'STALE';
  readonly message: string | null;
  readonly datasetCount: number | null;
  readonly harvestedAt: string | null;
}

export interface CatalogueOptions {
  readonly directory: Directory;
  readonly index: SearchIndex;
  readonly jobs: HarvestJobs;
  readonly spool: Spool;
}

/** Which repositories are known, and how current their part of the index is. */
export class Catalogue {
  readonly #options: CatalogueOptions;

  constructor(options: CatalogueOptions) {
    this.#options = options;
  }

  /** Every repository that is registered, was harvested, or has datasets in the index; by id. */
  async listSources(call: Call): Promise<SourceStatus[]> {
    const { directory, index, jobs } = this.#options;
    const [entries, counts] = await Promise.all([
      directory.listAdapters('REPOSITORY', call),
      index.countByRepository(call),
    ]);
    const registered = new Map(entries.map((entry) => [entry.id, entry]));
    const harvested = jobs.list().map(({ repository }) => repository);
    const ids = [...new Set([...registered.keys(), ...counts.keys(), ...harvested])].sort();
    return ids.map((id) => this.#describe(id as RepositoryId, registered.get(id), counts.get(id) ?? 0));
  }

  #describe(id: RepositoryId, entry: DirectoryEntry | undefined, datasetCount: number): SourceStatus {
    const finished = this.#options.jobs.readFinished(id);
    const last = this.#options.jobs.readLast(id);
    const status = (state: SourceStatus['state'], message: string | null): SourceStatus => ({
      repository: { id },
      state,
      message,
      datasetCount,
      harvestedAt: finished?.at ?? null,
    });
    const running = this.#options.jobs.readActive(id) !== undefined;
    if (!finished && running) return status('HARVESTING', 'Being read for the first time; more will come');
    const succeeded = this.#options.jobs.list().filter((job) => job.repository === id && job.state === 'SUCCEEDED');
    if (succeeded.length <= 1 && this.#options.spool.isWaiting(id)) {
      return status('HARVESTING', 'Being put into the index for the first time; more will come');
    }
    const failure =
      last?.state === 'FAILED' && (!finished || (last.finishedAt ?? '') > finished.at) ? last.error : null;
    if (!finished) return status('INCOMPLETE', failure ? `${failure.code}: ${failure.message}` : 'Not read yet');
    if (entry === undefined)
      return status('STALE', 'Its adapter is not registered; what is here is from the last harvest');
    if (entry.state === 'SUSPENDED')
      return status('STALE', `Its adapter is suspended: ${entry.reason}; what is here is from the last harvest`);
    if (failure) return status('STALE', `The last harvest failed: ${failure.code}: ${failure.message}`);
    return status('OK', null);
  }
}
