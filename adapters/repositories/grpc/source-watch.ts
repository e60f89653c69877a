import type { Call } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import type { RepositoryAdapter } from '../contract.js';

/** Codes that say that it is the source behind an adapter that fails, not who asks. */
const SOURCE_FAULTS: ReadonlySet<string> = new Set(['SOURCE_UNAVAILABLE', 'SOURCE_INVALID_ANSWER']);

/** What is called when the source of an adapter fails, or is well again (undefined). */
export type OnSourceState = (failure: SciclomaticError | undefined) => void;

/**
 * The same adapter, that tells of its source: failing when its description or a listing fails for it, well again with the
 * next datasets or the end of a listing. A description alone proves nothing: many adapters know theirs by heart.
 */
export function watchSource(adapter: RepositoryAdapter, onState: OnSourceState): RepositoryAdapter {
  const failed = (thrown: unknown, call: Call) => {
    const error = SciclomaticError.from(thrown);
    if (SOURCE_FAULTS.has(error.code) && !call.signal.aborted) onState(error);
  };
  return {
    id: adapter.id,
    supports: adapter.supports,
    describe: async (call) => {
      try {
        return await adapter.describe(call);
      } catch (error) {
        failed(error, call);
        throw error;
      }
    },
    listDatasets: async function* (after, call) {
      try {
        for await (const batch of adapter.listDatasets(after, call)) {
          onState(undefined);
          yield batch;
        }
        onState(undefined);
      } catch (error) {
        failed(error, call);
        throw error;
      }
    },
    readDataset: (localId, call) => adapter.readDataset(localId, call),
    openFile: (localId, path, range, call) => adapter.openFile(localId, path, range, call),
    close: () => adapter.close(),
  };
}
