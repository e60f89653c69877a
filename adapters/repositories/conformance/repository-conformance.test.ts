import { describe, expect, it } from '@jest/globals';
import { createTestCall } from '../../../core/test-call.js';
import type { DatasetRecord, FileRecord } from '../../../formats/dataset-record.js';
import { runConformance } from '../../conformance.js';
import type { DatasetBatch, FileRange, RepositoryAdapter, RepositorySupports } from '../contract.js';
import { createMemoryRepository } from '../memory/memory-repository.js';
import { repositoryConformance } from './repository-conformance.js';

/** Each fault is one way in which an adapter breaks the contract, and the case that must find it. */
interface Fault {
  readonly what: string;
  readonly finds: string;
  readonly adapter: () => RepositoryAdapter;
}

const FILE_BYTES = new Uint8Array(2 * 1024 * 1024 + 5).map((_, index) => index % 251);

function createSound(): RepositoryAdapter {
  const adapter = createMemoryRepository({
    id: 'shelf',
    description: 'Three datasets.',
    batchSize: 1,
    datasets: ['a', 'b', 'c', 'd'].map((id) => ({
      record: { id: `shelf:${id}`, title: id, creators: [], subjects: [], files: null },
      files: new Map([
        ['big.bin', FILE_BYTES],
        ['small.csv', new TextEncoder().encode(`${id},1,2,3,4,5\n`)],
      ]),
    })),
  });
  adapter.withdraw('d');
  return adapter;
}

/** The sound adapter with some of its answers replaced. */
function breakAdapter(change: (sound: RepositoryAdapter) => Partial<RepositoryAdapter>): () => RepositoryAdapter {
  return () => {
    const sound = createSound();
    return {
      id: sound.id,
      supports: sound.supports,
      describe: (call) => sound.describe(call),
      listDatasets: (after, call) => sound.listDatasets(after, call),
      readDataset: (localId, call) => sound.readDataset(localId, call),
      openFile: (localId, path, range, call) => sound.openFile(localId, path, range, call),
      close: () => sound.close(),
      ...change(sound),
    };
  };
}

const breakBatches = (change: (batch: DatasetBatch) => DatasetBatch) =>
  breakAdapter((sound) => ({
    async *listDatasets(after, call) {
      for await (const batch of sound.listDatasets(after, call)) yield change(batch);
    },
  }));

const breakRecords = (change: (record: DatasetRecord) => DatasetRecord) =>
  breakBatches((batch) => ({ ...batch, records: batch.records.map(change) }));

const breakFiles = (change: (files: readonly FileRecord[]) => readonly FileRecord[]) =>
  breakRecords((record) => ({ ...record, files: change(record.files ?? []) }));

const breakSupports = (change: Partial<RepositorySupports>) =>
  breakAdapter((sound) => ({ supports: { ...sound.supports, ...change } }));

const breakOpenFile = (change: (range: FileRange, bytes: Uint8Array) => Uint8Array[]) =>
  breakAdapter((sound) => ({
    async openFile(localId, path, range, call) {
      const pieces: Uint8Array[] = [];
      for await (const piece of await sound.openFile(localId, path, range, call)) pieces.push(piece);
      return yieldAll(change(range, Buffer.concat(pieces)));
    },
  }));

async function* yieldAll<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

let listings = 0;

const faults: readonly Fault[] = [
  {
    what: 'has no name for people',
    finds: 'describe names',
    adapter: breakAdapter((sound) => ({
      describe: async (call) => ({ ...(await sound.describe(call)), name: ' ' }),
    })),
  },
  {
    what: 'gives a home page that is no URL',
    finds: 'describe names',
    adapter: breakAdapter((sound) => ({
      describe: async (call) => ({ ...(await sound.describe(call)), homepageUrl: 'javascript:alert(1)' }),
    })),
  },
  {
    what: 'promises ranges without bytes',
    finds: 'supports answers every question',
    adapter: breakSupports({ fileBytes: false }),
  },
  {
    what: 'lists ids of another repository',
    finds: 'every id is well formed',
    adapter: breakRecords((record) => ({ ...record, id: record.id.replace('shelf', 'other') })),
  },
  {
    what: 'lists one id twice',
    finds: 'every id is well formed',
    adapter: breakBatches((batch) => ({ ...batch, records: [...batch.records, ...batch.records] })),
  },
  {
    what: 'lists a record with an empty title',
    finds: 'batches are bounded',
    adapter: breakRecords((record) => ({ ...record, title: '' })),
  },
  {
    what: 'lists a batch of more bytes than a message may hold',
    finds: 'batches are bounded',
    adapter: breakBatches((batch) => {
      const long = batch.records.map((record) => ({ ...record, description: 'x'.repeat(200_000) }));
      return { ...batch, records: Array.from({ length: 17 }, () => long).flat() };
    }),
  },
  {
    what: 'lists a batch of more than 1000 records',
    finds: 'batches are bounded',
    adapter: breakBatches((batch) => ({ ...batch, records: Array.from({ length: 1001 }, () => batch.records).flat() })),
  },
  {
    what: 'gives an empty cursor',
    finds: 'batches are bounded',
    adapter: breakBatches((batch) => ({ ...batch, cursor: '' })),
  },
  {
    what: 'tells a problem without a reason',
    finds: 'batches are bounded',
    adapter: breakBatches((batch) => ({ ...batch, problems: [{ localId: 'x', message: '' }] })),
  },
  {
    what: 'lists other titles each time',
    finds: 'a second listing gives',
    adapter: breakRecords((record) => {
      listings += 1;
      return { ...record, title: `${record.title} ${listings}` };
    }),
  },
  {
    what: 'skips a record after a cursor',
    finds: 'a listing resumes exactly',
    adapter: breakAdapter((sound) => ({
      async *listDatasets(after, call) {
        let skip = after !== undefined;
        for await (const batch of sound.listDatasets(after, call)) {
          if (!skip) yield batch;
          skip = false;
        }
      },
    })),
  },
  {
    what: 'gives the last batch again after its cursor',
    finds: 'a listing resumes exactly',
    adapter: breakAdapter((sound) => ({
      listDatasets: (after, call) =>
        sound.listDatasets(after === 'shelf@1' ? undefined : after?.replace(/\d+$/, (n) => `${Number(n) - 1}`), call),
    })),
  },
  {
    what: 'begins anew after an unknown cursor',
    finds: 'a cursor of elsewhere',
    adapter: breakAdapter((sound) => ({
      listDatasets: (after, call) => sound.listDatasets(after?.startsWith('shelf@') ? after : undefined, call),
    })),
  },
  {
    what: 'tells everything again after the end',
    finds: 'after the end of a listing',
    adapter: breakAdapter((sound) => ({
      listDatasets: (after, call) => sound.listDatasets(after === 'shelf@5' ? undefined : after, call),
    })),
  },
  {
    what: 'still gives what it told as deleted',
    finds: 'a deletion names',
    adapter: breakAdapter((sound) => ({
      readDataset: (localId, call) => sound.readDataset(localId === 'd' ? 'a' : localId, call),
    })),
  },
  {
    what: 'reads another record than it lists',
    finds: 'readDataset gives the record',
    adapter: breakAdapter((sound) => ({
      readDataset: async (localId, call) => ({ ...(await sound.readDataset(localId, call)), subjects: ['more'] }),
    })),
  },
  {
    what: 'answers an unknown id with an error that has no code',
    finds: 'readDataset of an unknown id',
    adapter: breakAdapter((sound) => ({
      readDataset: (localId, call) =>
        sound.readDataset(localId, call).catch(() => {
          throw new TypeError('undefined is not an object');
        }),
    })),
  },
  {
    what: 'answers an unknown id with some record',
    finds: 'readDataset of an unknown id',
    adapter: breakAdapter((sound) => ({
      readDataset: (localId, call) => sound.readDataset(localId, call).catch(() => sound.readDataset('a', call)),
    })),
  },
  {
    what: 'goes on listing when the caller has left',
    finds: 'a call that its caller has ended',
    adapter: breakAdapter((sound) => ({
      listDatasets: (after) => sound.listDatasets(after, createTestCall()),
    })),
  },
  {
    what: 'does not notice in the middle of a listing that the caller left',
    finds: 'a call that its caller has ended',
    adapter: breakAdapter((sound) => ({
      async *listDatasets(after, call) {
        if (call.signal.aborted) yield* sound.listDatasets(after, call);
        else yield* sound.listDatasets(after, createTestCall());
      },
    })),
  },
  {
    what: 'fails when it is closed again',
    finds: 'close may be called twice',
    adapter: breakAdapter(() => {
      let closed = 0;
      return {
        close: async () => {
          closed += 1;
          // The runner closes a third time; that must not hide the outcome.
          if (closed === 2) throw new Error('already closed');
        },
      };
    }),
  },
  {
    what: 'lists paths that leave the folder',
    finds: 'files have safe relative paths',
    adapter: breakFiles((files) => files.map((file) => ({ ...file, path: `../${file.path}` }))),
  },
  {
    what: 'lists files in another order',
    finds: 'files have safe relative paths',
    adapter: breakFiles((files) => files.toReversed()),
  },
  {
    what: 'lists a path twice',
    finds: 'files have safe relative paths',
    adapter: breakFiles((files) => files.flatMap((file) => [file, file])),
  },
  {
    what: 'lists no files although it says so',
    finds: 'files have safe relative paths',
    adapter: breakRecords((record) => ({ ...record, files: null })),
  },
  {
    what: 'writes checksums in upper case',
    finds: 'checksums of known algorithms',
    adapter: breakFiles((files) =>
      files.map((file) => ({
        ...file,
        checksums: file.checksums.map((checksum) => ({ ...checksum, value: checksum.value.toUpperCase() })),
      })),
    ),
  },
  {
    what: 'gives one byte less than it promises',
    finds: 'openFile gives exactly the bytes',
    adapter: breakOpenFile((_, bytes) => [bytes.subarray(1)]),
  },
  {
    what: 'gives other bytes than the checksum says',
    finds: 'openFile gives exactly the bytes',
    adapter: breakOpenFile((_, bytes) => [bytes.map((byte) => byte ^ 1)]),
  },
  {
    what: 'states a wrong blake3',
    finds: 'openFile gives exactly the bytes',
    adapter: breakFiles((files) =>
      files.map((file) => ({
        ...file,
        checksums: [{ algorithm: 'blake3', value: '0'.repeat(64), origin: 'SOURCE' as const }],
      })),
    ),
  },
  {
    what: 'gives a file of 2 MiB in one piece',
    finds: 'openFile gives pieces',
    adapter: breakOpenFile((_, bytes) => [bytes]),
  },
  {
    what: 'gives an empty file for an unknown path',
    finds: 'openFile of an unknown dataset or path',
    adapter: breakAdapter((sound) => ({
      openFile: (localId, path, range, call) =>
        sound.openFile(localId, path, range, call).catch((error: unknown) => {
          if (call.signal.aborted || range.offset !== 0) throw error;
          return yieldAll([]);
        }),
    })),
  },
  {
    what: 'opens files for callers who left',
    finds: 'openFile in an ended call',
    adapter: breakAdapter((sound) => ({
      openFile: (localId, path, range) => sound.openFile(localId, path, range, createTestCall()),
    })),
  },
  {
    what: 'ignores the length of a range',
    finds: 'a range is the same slice',
    adapter: breakAdapter((sound) => ({
      openFile: (localId, path, { offset }, call) => sound.openFile(localId, path, { offset }, call),
    })),
  },
  {
    what: 'gives nothing for an offset beyond the end',
    finds: 'a range that begins outside',
    adapter: breakAdapter((sound) => ({
      openFile: (localId, path, range, call) =>
        sound.openFile(localId, path, range, call).catch((error: unknown) => {
          if (range.offset === 0) throw error;
          return yieldAll([]);
        }),
    })),
  },
  {
    what: 'serves ranges that it does not offer',
    finds: 'what supports does not offer',
    adapter: breakSupports({ ranges: false }),
  },
  {
    what: 'serves bytes that it does not offer',
    finds: 'what supports does not offer',
    adapter: breakSupports({ ranges: false, fileBytes: false }),
  },
];

describe('the repository conformance suite', () => {
  it('passes the adapter that the faults are made from', async () => {
    const outcomes = await runConformance(repositoryConformance, async () => createSound());
    expect(outcomes.filter((outcome) => outcome.state !== 'PASSED')).toEqual([]);
  });

  it.each(faults)('finds an adapter that $what', async ({ finds, adapter }) => {
    const [one] = repositoryConformance.filter((candidate) => candidate.name.startsWith(finds));
    if (!one) throw new Error(`No case begins with ${finds}`);
    const [outcome] = await runConformance([one], async () => adapter());
    expect(outcome).toMatchObject({ state: 'FAILED', reason: expect.stringMatching(/\S/) });
  });

  it('has a fault for every case', () => {
    const unproven = repositoryConformance.filter((one) => !faults.some((fault) => one.name.startsWith(fault.finds)));
    expect(unproven.map((one) => one.name)).toEqual([]);
  });

  it('fails for an empty repository rather than pass without having looked', async () => {
    const outcomes = await runConformance(repositoryConformance, async () =>
      createMemoryRepository({ id: 'shelf', description: 'Empty', datasets: [] }),
    );
    expect(outcomes.find((outcome) => outcome.name.startsWith('every id'))?.state).toBe('FAILED');
  });

  it('skips the cases of what the adapter does not support, and says so', async () => {
    const adapter = breakSupports({ fileBytes: false, ranges: false });
    const outcomes = await runConformance(repositoryConformance, async () => adapter());
    expect(outcomes.filter((outcome) => outcome.state === 'SKIPPED').map((outcome) => outcome.reason)).toEqual([
      ...Array.from({ length: 4 }, () => 'does not support fileBytes'),
      ...Array.from({ length: 2 }, () => 'does not support ranges'),
    ]);
  });

  it('reads only the first batches of an endless listing', async () => {
    let told = 0;
    const endless = breakAdapter((sound) => ({
      async *listDatasets(_after, call) {
        const record = await sound.readDataset('a', call);
        for (let index = 0; ; index += 1) {
          told += 1;
          const one = { ...record, id: `shelf:${index}` };
          yield { records: [one], deletedLocalIds: [], problems: [], cursor: `${index}` };
        }
      },
    }));
    await runConformance(repositoryConformance, async () => endless());
    expect(told).toBeLessThan(500);
  });
});
