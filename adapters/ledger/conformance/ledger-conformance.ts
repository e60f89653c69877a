import assert from 'node:assert/strict';
import type { ErrorCode } from '../../../core/errors.js';
import { SciclomaticError } from '../../../core/errors.js';
import { nodeCrypto } from '../../../core/node-crypto.js';
import { createTestCall } from '../../../core/test-call.js';
import { encodeUtf8 } from '../../../formats/bytes.js';
import { type Checkpoint, verifyCheckpoint } from '../../../formats/tlog/checkpoint.js';
import { verifyConsistency, verifyInclusion } from '../../../formats/tlog/proof.js';
import type { VerifierKey } from '../../../formats/tlog/signed-note.js';
import { leafHash, rootOf } from '../../../formats/tlog/tree.js';
import type { ConformanceCase } from '../../conformance.js';
import { type Ledger, type LedgerSupports, MAX_ENTRY_BYTES } from '../contract.js';

/** A log under test, empty at first. */
export interface LedgerSubject {
  readonly supports: LedgerSupports;
  readonly ledger: Ledger;
  /** The key that its checkpoints must be signed with. */
  readonly logKey: VerifierKey;
  /** Closes the log and opens it again on the same data. Called only when `persistent`. */
  reopen(): Promise<Ledger>;
  close(): Promise<void>;
}

const call = () => createTestCall();
const plain = (bytes: readonly Uint8Array[]): number[][] => bytes.map((one) => [...one]);

/** Entries of different lengths, the empty one among them. */
export const createEntries = (count: number, prefix = 'entry'): Uint8Array[] =>
  Array.from({ length: count }, (_, index) =>
    index === 3 && prefix === 'entry' ? new Uint8Array(0) : encodeUtf8(`${prefix} ${index} ${'x'.repeat(index % 50)}`),
  );

async function assertRefused(code: ErrorCode, answer: Promise<unknown>): Promise<void> {
  const outcome = await answer.then(
    () => 'an answer',
    (error: unknown) => (error instanceof SciclomaticError ? error.code : String(error)),
  );
  assert.equal(outcome, code);
}

const readVerified = async (ledger: Ledger, logKey: VerifierKey): Promise<Checkpoint> =>
  verifyCheckpoint(await ledger.readCheckpoint(call()), logKey, nodeCrypto);

/** The newest checkpoint commits to exactly these entries, and the log can show each of them. */
export async function assertHolds(ledger: Ledger, logKey: VerifierKey, entries: readonly Uint8Array[]): Promise<void> {
  const checkpoint = await readVerified(ledger, logKey);
  const leaves = entries.map((entry) => leafHash(entry, nodeCrypto));
  assert.equal(checkpoint.size, entries.length, 'size of the checkpoint');
  assert.deepEqual([...checkpoint.root], [...rootOf(leaves, nodeCrypto)], 'root of the checkpoint');
  assert.equal(await ledger.readSize(call()), entries.length, 'size');
  assert.deepEqual(plain(await ledger.readEntries(0, entries.length, call())), plain(entries), 'entries');
}

/** Audit paths of these entries lead to the root of the newest checkpoint. */
async function assertProves(ledger: Ledger, logKey: VerifierKey, indexes: readonly number[]): Promise<void> {
  const { size, root } = await readVerified(ledger, logKey);
  for (const index of indexes) {
    const path = await ledger.proveInclusion(index, size, call());
    const [entry] = await ledger.readEntries(index, index + 1, call());
    assert.ok(entry, `entry ${index}`);
    verifyInclusion({ index, size, leafHash: leafHash(entry, nodeCrypto), path, root }, nodeCrypto);
  }
}

/** Sizes and indexes around every edge of tiles and of powers of two, below the size. */
const edgesBelow = (size: number): number[] =>
  [0, 1, 2, 3, 4, 7, 8, 127, 128, 254, 255, 256, 257, 511, 512, 513, size - 1].filter(
    (edge) => edge >= 0 && edge < size,
  );

/** What every log does, whatever it keeps its tiles in. */
export const ledgerConformance: readonly ConformanceCase<LedgerSubject>[] = [
  {
    name: 'an empty log has a signed checkpoint of size 0 with the root of nothing',
    run: async ({ ledger, logKey }) => assertHolds(ledger, logKey, []),
  },
  {
    name: 'its origin is the first line of its checkpoint',
    run: async ({ ledger, logKey }) => {
      assert.equal((await readVerified(ledger, logKey)).origin, ledger.origin);
    },
  },
  {
    name: 'entries get indexes in order and come back byte for byte, the empty and the longest one too',
    run: async ({ ledger, logKey }) => {
      const entries = [...createEntries(5), new Uint8Array(MAX_ENTRY_BYTES).fill(0xff)];
      assert.deepEqual(await ledger.append(entries, call()), [0, 1, 2, 3, 4, 5]);
      await assertHolds(ledger, logKey, entries);
      assert.deepEqual(plain(await ledger.readEntries(1, 3, call())), plain(entries.slice(1, 3)));
      assert.deepEqual(await ledger.readEntries(2, 2, call()), []);
    },
  },
  {
    name: 'appending nothing changes nothing',
    run: async ({ ledger }) => {
      await ledger.append(createEntries(1), call());
      const checkpoint = await ledger.readCheckpoint(call());
      assert.deepEqual(await ledger.append([], call()), []);
      assert.equal(await ledger.readCheckpoint(call()), checkpoint);
    },
  },
  {
    name: 'the same bytes keep their index, within one append and across many',
    run: async ({ ledger, logKey }) => {
      const [a, b, c] = createEntries(3, 'same') as [Uint8Array, Uint8Array, Uint8Array];
      assert.deepEqual(await ledger.append([a, b, a], call()), [0, 1, 0]);
      assert.deepEqual(await ledger.append([b, c, a], call()), [1, 2, 0]);
      await assertHolds(ledger, logKey, [a, b, c]);
    },
  },
  {
    name: 'concurrent appends of the same bytes give one index',
    run: async ({ ledger, logKey }) => {
      const entries = createEntries(20, 'race');
      const answers = await Promise.all(Array.from({ length: 5 }, () => ledger.append(entries, call())));
      for (const answer of answers) assert.deepEqual(answer, answers[0]);
      assert.equal(new Set(answers[0]).size, 20);
      assert.equal((await readVerified(ledger, logKey)).size, 20);
    },
  },
  {
    name: 'concurrent appends all end under one checkpoint, each at its own index',
    run: async ({ ledger, logKey }) => {
      const lists = Array.from({ length: 40 }, (_, at) => createEntries(3, `list ${at}`));
      const answers = await Promise.all(lists.map((list) => ledger.append(list, call())));
      const all = await ledger.readEntries(0, 120, call());
      answers.forEach((indexes, at) => {
        indexes.forEach((index, position) => {
          assert.deepEqual([...(all[index] ?? [])], [...(lists[at]?.[position] ?? [])]);
        });
      });
      await assertHolds(ledger, logKey, all);
    },
  },
  {
    name: 'an entry over the limit is refused with all that came with it',
    run: async ({ ledger, logKey }) => {
      const [entry] = createEntries(1) as [Uint8Array];
      await assertRefused('LIMIT_EXCEEDED', ledger.append([entry, new Uint8Array(MAX_ENTRY_BYTES + 1)], call()));
      await assertHolds(ledger, logKey, []);
    },
  },
  {
    name: 'a caller may use its buffers again, before and after',
    run: async ({ ledger }) => {
      const buffer = encodeUtf8('original');
      const appending = ledger.append([buffer], call());
      buffer.fill(0);
      await appending;
      const [first] = await ledger.readEntries(0, 1, call());
      assert.equal(Buffer.from(first ?? []).toString(), 'original');
      first?.fill(0);
      const [again] = await ledger.readEntries(0, 1, call());
      assert.equal(Buffer.from(again ?? []).toString(), 'original');
    },
  },
  {
    name: 'every entry is proved under every later checkpoint, across the edges of tiles',
    run: async ({ ledger, logKey }) => {
      const entries = createEntries(600);
      for (const [start, end] of [
        [0, 1],
        [1, 255],
        [255, 256],
        [256, 257],
        [257, 600],
      ] as const) {
        await ledger.append(entries.slice(start, end), call());
        await assertHolds(ledger, logKey, entries.slice(0, end));
        await assertProves(ledger, logKey, edgesBelow(end));
      }
    },
  },
  {
    name: 'proofs are given for sizes that the log has passed, and every two sizes are consistent',
    run: async ({ ledger }) => {
      const entries = createEntries(520);
      await ledger.append(entries, call());
      const leaves = entries.map((entry) => leafHash(entry, nodeCrypto));
      const rootAt = (size: number) => rootOf(leaves.slice(0, size), nodeCrypto);
      const sizes = [0, ...edgesBelow(520).map((edge) => edge + 1)];
      for (const newSize of sizes) {
        for (const oldSize of sizes.filter((size) => size <= newSize)) {
          const path = await ledger.proveConsistency(oldSize, newSize, call());
          const roots = { oldRoot: rootAt(oldSize), newRoot: rootAt(newSize) };
          verifyConsistency({ oldSize, newSize, ...roots, path }, nodeCrypto);
        }
        for (const index of edgesBelow(newSize)) {
          const path = await ledger.proveInclusion(index, newSize, call());
          const leaf = leaves[index] as Uint8Array;
          verifyInclusion({ index, size: newSize, leafHash: leaf, path, root: rootAt(newSize) }, nodeCrypto);
        }
      }
    },
  },
  {
    name: 'what is past the end is NOT_FOUND',
    run: async ({ ledger }) => {
      await ledger.append(createEntries(3), call());
      await assertRefused('NOT_FOUND', ledger.readEntries(2, 4, call()));
      await assertRefused('NOT_FOUND', ledger.proveInclusion(3, 3, call()));
      await assertRefused('NOT_FOUND', ledger.proveInclusion(0, 4, call()));
      await assertRefused('NOT_FOUND', ledger.proveConsistency(1, 4, call()));
    },
  },
  {
    name: 'ranges and sizes that are none are BAD_INPUT',
    run: async ({ ledger }) => {
      await ledger.append(createEntries(3), call());
      await assertRefused('BAD_INPUT', ledger.readEntries(-1, 1, call()));
      await assertRefused('BAD_INPUT', ledger.readEntries(2, 1, call()));
      await assertRefused('BAD_INPUT', ledger.readEntries(0.5, 1, call()));
      await assertRefused('BAD_INPUT', ledger.proveInclusion(-1, 3, call()));
      await assertRefused('BAD_INPUT', ledger.proveConsistency(3, 2, call()));
    },
  },
  {
    name: 'a call that has ended appends nothing',
    run: async ({ ledger, logKey }) => {
      const ended = { ...call(), signal: AbortSignal.abort() };
      await assertRefused('CANCELLED', ledger.append(createEntries(1), ended));
      await assertHolds(ledger, logKey, []);
    },
  },
  {
    name: 'after a restart everything is there, and equal bytes keep their index',
    needs: 'persistent',
    run: async ({ ledger, logKey, reopen }) => {
      const entries = createEntries(300);
      await ledger.append(entries, call());
      const checkpoint = await ledger.readCheckpoint(call());
      const again = await reopen();
      assert.equal(await again.readCheckpoint(call()), checkpoint);
      await assertHolds(again, logKey, entries);
      assert.deepEqual(
        await again.append(entries.slice(250, 260), call()),
        [250, 251, 252, 253, 254, 255, 256, 257, 258, 259],
      );
      const [index] = await again.append([encodeUtf8('new')], call());
      assert.equal(index, 300);
      await assertHolds(again, logKey, [...entries, encodeUtf8('new')]);
      await assertProves(again, logKey, edgesBelow(301));
    },
  },
];
