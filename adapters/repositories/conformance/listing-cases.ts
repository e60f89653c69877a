import type { Call } from '../../../core/call.js';
import { createCall } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import { createDatasetId, parseDatasetId, parseRepositoryId, splitDatasetId } from '../../../core/ids.js';
import { silentLogger } from '../../../core/log.js';
import { parseDatasetRecord } from '../../../formats/dataset-record.js';
import type { ConformanceCase } from '../../conformance.js';
import { MAX_BATCH_BYTES, MAX_BATCH_RECORDS, measureRecord } from '../batch-limits.js';
import type { DatasetBatch, RepositoryAdapter } from '../contract.js';
import { expectCode, expectSame, expectThat, isSame } from './expectations.js';
import {
  abortedCall,
  localIdOf,
  pickSome,
  SAMPLE_LIMITS,
  sampleCall,
  sampleFilledListing,
  sampleListing,
} from './sampling.js';

/** Longest cursor, in bytes of UTF-8 (contract of DatasetBatch). */
const MAX_CURSOR_BYTES = 64 * 1024;
/** Batches read to find the end of a listing. */
const MAX_BATCHES_TO_END = 20;

const UNKNOWN_LOCAL_ID = 'sciclomatic-conformance-no-such-dataset';
const FOREIGN_CURSORS = ['sciclomatic-conformance-foreign-cursor', 'eyJvZmZzZXQiOi0xfQ', '-1', '☃'];

/** Cases about what the repository is and what it lists. */
export const listingCases: readonly ConformanceCase<RepositoryAdapter>[] = [
  {
    name: 'describe names the repository by the id of the adapter, for people and in a sentence',
    run: checkDescription,
  },
  {
    name: 'supports answers every question with true or false, and promises no ranges without bytes',
    run: async (adapter) => checkSupports(adapter),
  },
  {
    name: "every id is well formed, begins with the repository's id and comes once",
    run: checkIds,
  },
  {
    name: 'batches are bounded and hold valid records, cursors and problems',
    run: checkBatches,
  },
  {
    name: 'a second listing gives what the first gave',
    run: checkRepeat,
  },
  {
    name: 'a listing resumes exactly after the batch whose cursor it is given',
    run: checkResume,
  },
  {
    name: 'a cursor of elsewhere is BAD_CURSOR, never the first page',
    run: async (adapter) => {
      for (const cursor of FOREIGN_CURSORS) {
        await expectCode(() => sampleListing(adapter, cursor, 1), ['BAD_CURSOR'], `Listing after ${cursor}`);
      }
    },
  },
  {
    name: 'after the end of a listing, nothing comes that was already told',
    needs: 'incremental',
    run: checkNothingNew,
  },
  {
    name: 'a deletion names a dataset that is no longer there',
    needs: 'deletions',
    run: checkDeletions,
  },
  {
    name: 'readDataset gives the record that the listing gave',
    run: async (adapter) => {
      const { records } = await sampleFilledListing(adapter);
      for (const listed of pickSome(records, SAMPLE_LIMITS.records)) {
        const read = await adapter.readDataset(localIdOf(listed), sampleCall());
        expectSame(read, listed, `Record ${listed.id}`);
      }
    },
  },
  {
    name: 'readDataset of an unknown id is NOT_FOUND',
    run: (adapter) =>
      expectCode(
        () => adapter.readDataset(UNKNOWN_LOCAL_ID, sampleCall()),
        ['NOT_FOUND'],
        `Reading ${UNKNOWN_LOCAL_ID}`,
      ),
  },
  {
    name: 'a call that its caller has ended stops with CANCELLED or DEADLINE_EXCEEDED',
    run: checkAbort,
  },
  {
    name: 'close may be called twice',
    run: async (adapter) => {
      await adapter.close();
      await adapter.close();
    },
  },
];

async function checkDescription(adapter: RepositoryAdapter): Promise<void> {
  const description = await adapter.describe(sampleCall());
  expectSame(parseRepositoryId(description.id), adapter.id, 'Repository id');
  expectThat(description.name.trim() !== '', 'Expected a name for people, got an empty one');
  expectThat(description.description.trim() !== '', 'Expected a description, got an empty one');
  if (description.homepageUrl !== undefined) {
    const protocol = URL.canParse(description.homepageUrl) ? new URL(description.homepageUrl).protocol : 'none';
    expectThat(
      protocol === 'https:' || protocol === 'http:',
      `Expected homepageUrl to be an http or https URL, got ${description.homepageUrl}`,
    );
  }
}

function checkSupports(adapter: RepositoryAdapter): void {
  const { supports } = adapter;
  for (const name of ['incremental', 'deletions', 'files', 'fileBytes', 'ranges'] as const) {
    expectThat(
      typeof supports[name] === 'boolean',
      `Expected supports.${name} to be true or false, got ${supports[name]}`,
    );
  }
  expectThat(supports.fileBytes || !supports.ranges, 'Expected ranges only with fileBytes, got ranges without');
  expectThat(supports.files || !supports.fileBytes, 'Expected fileBytes only with files, got fileBytes without');
}

async function checkIds(adapter: RepositoryAdapter): Promise<void> {
  const { records } = await sampleFilledListing(adapter);
  const seen = new Set<string>();
  for (const record of records) {
    const { repository, localId } = splitDatasetId(parseDatasetId(record.id));
    expectSame(repository, adapter.id, `Repository in ${record.id}`);
    expectSame(createDatasetId(repository, localId), record.id, 'Id written from its parts');
    expectThat(!seen.has(record.id), `Expected each id once, got ${record.id} twice`);
    seen.add(record.id);
  }
}

async function checkBatches(adapter: RepositoryAdapter): Promise<void> {
  const { batches } = await sampleFilledListing(adapter);
  for (const batch of batches) {
    expectThat(
      batch.records.length <= MAX_BATCH_RECORDS,
      `Expected at most ${MAX_BATCH_RECORDS} records in a batch, got ${batch.records.length}`,
    );
    const sizeBytes = batch.records.reduce((sum, record) => sum + measureRecord(record), 0);
    expectThat(
      sizeBytes <= MAX_BATCH_BYTES || batch.records.length === 1,
      `Expected batches of at most ${MAX_BATCH_BYTES} bytes or of one record, got ${sizeBytes} bytes`,
    );
    for (const record of batch.records) parseDatasetRecord(record, adapter.id);
    const cursorBytes = Buffer.byteLength(batch.cursor);
    expectThat(
      cursorBytes > 0 && cursorBytes <= MAX_CURSOR_BYTES,
      `Expected a cursor of 1 to ${MAX_CURSOR_BYTES} bytes, got ${cursorBytes}`,
    );
    for (const problem of batch.problems) {
      expectThat(
        problem.localId !== '' && problem.message !== '',
        'Expected a problem to say which record and why, got an empty text',
      );
    }
  }
}

async function checkRepeat(adapter: RepositoryAdapter): Promise<void> {
  const first = await sampleFilledListing(adapter);
  const second = await sampleListing(adapter);
  expectSamePrefix(second, first, 'the second listing');
}

async function checkResume(adapter: RepositoryAdapter): Promise<void> {
  const { batches, finished } = await sampleFilledListing(adapter);
  for (const [index, batch] of batches.entries()) {
    const following = { batches: batches.slice(index + 1), finished };
    const resumed = await sampleListing(adapter, batch.cursor);
    expectSamePrefix(resumed, following, `the listing after the cursor of batch ${index + 1}`);
  }
}

interface Told {
  readonly batches: readonly DatasetBatch[];
  readonly finished: boolean;
}

/** Records and deletions in the order told: batches may be cut elsewhere the second time. */
const toldBy = (batches: readonly DatasetBatch[]): unknown[] =>
  batches.flatMap((batch) => [...batch.records, ...batch.deletedLocalIds.map((localId) => ({ deleted: localId }))]);

function expectSamePrefix(actual: Told, expected: Told, what: string): void {
  const actuals = toldBy(actual.batches);
  const expecteds = toldBy(expected.batches);
  // What was cut off by the sample's own limit cannot be compared; what a finished listing lacks is missing.
  const length = Math.min(
    actual.finished ? Number.POSITIVE_INFINITY : actuals.length,
    expected.finished ? Number.POSITIVE_INFINITY : expecteds.length,
    Math.max(actuals.length, expecteds.length),
  );
  for (let index = 0; index < length; index += 1) {
    expectSame(actuals[index], expecteds[index], `Item ${index + 1} of ${what}`);
  }
}

async function checkNothingNew(adapter: RepositoryAdapter): Promise<void> {
  const listing = await sampleListing(adapter, undefined, MAX_BATCHES_TO_END);
  const told = new Map(listing.records.map((record) => [record.id, record]));
  const deleted = new Set(listing.batches.flatMap((batch) => batch.deletedLocalIds));
  const last = listing.batches.at(-1);
  expectThat(last !== undefined, 'Expected at least one batch, got none');
  const later = await sampleListing(adapter, last.cursor);
  // A live source may have changed in between: only what is repeated unchanged is a fault.
  const repeated =
    later.records.find((record) => isSame(record, told.get(record.id)))?.id ??
    later.batches.flatMap((batch) => batch.deletedLocalIds).find((localId) => deleted.has(localId));
  expectThat(
    repeated === undefined,
    `Expected nothing that the listing before the cursor had told, got ${repeated} again`,
  );
}

async function checkDeletions(adapter: RepositoryAdapter): Promise<void> {
  const { batches } = await sampleListing(adapter);
  const localIds = batches.flatMap((batch) => batch.deletedLocalIds);
  expectSame(new Set(localIds).size, localIds.length, 'Number of distinct deletions');
  for (const localId of pickSome(localIds, SAMPLE_LIMITS.records)) {
    await expectCode(() => adapter.readDataset(localId, sampleCall()), ['NOT_FOUND'], `Reading the deleted ${localId}`);
  }
}

async function checkAbort(adapter: RepositoryAdapter): Promise<void> {
  const ended = ['CANCELLED', 'DEADLINE_EXCEEDED'] as const;
  const { records } = await sampleFilledListing(adapter);
  const localId = records[0] ? localIdOf(records[0]) : UNKNOWN_LOCAL_ID;
  await expectCode(() => nextBatch(adapter, abortedCall()), ended, 'Listing in an ended call');
  await expectCode(() => adapter.readDataset(localId, abortedCall()), ended, 'Reading a dataset in an ended call');

  const caller = new AbortController();
  const call = createCall({ log: silentLogger, signal: caller.signal, timeoutMs: SAMPLE_LIMITS.timeoutMs });
  const listing = adapter.listDatasets(undefined, call)[Symbol.asyncIterator]();
  await listing.next();
  caller.abort();
  try {
    const next = await listing.next();
    expectThat(next.done === true, 'Expected no further batch after the caller left, got one');
  } catch (error) {
    const code = error instanceof SciclomaticError ? error.code : undefined;
    if (code !== 'CANCELLED' && code !== 'DEADLINE_EXCEEDED') throw error;
  }
}

const nextBatch = (adapter: RepositoryAdapter, call: Call) =>
  adapter.listDatasets(undefined, call)[Symbol.asyncIterator]().next();
