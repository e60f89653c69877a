import { describe, expect, it } from '@jest/globals';
import { createSigningKey, nodeCrypto } from '../../../core/node-crypto.js';
import { createVerifierKey } from '../../../formats/tlog/signed-note.js';
import { runConformance } from '../../conformance.js';
import type { Ledger } from '../contract.js';
import { createMemoryLedger } from '../memory/memory-ledger.js';
import { type LedgerSubject, ledgerConformance } from './ledger-conformance.js';

const origin = 'observatory.example/log';

/** Names of the cases that a memory ledger fails once it is spoilt in one way. */
async function listFailures(spoil: (ledger: Ledger) => Partial<Ledger>): Promise<string[]> {
  const outcomes = await runConformance(ledgerConformance, async (): Promise<LedgerSubject> => {
    const key = createSigningKey();
    const ledger = await createMemoryLedger({ origin, key });
    return {
      supports: ledger.supports,
      ledger: { ...ledger, ...spoil(ledger) },
      logKey: createVerifierKey(origin, key.publicKey, nodeCrypto),
      reopen: () => Promise.reject(new Error('it does not survive')),
      close: () => ledger.close(),
    };
  });
  return outcomes.filter(({ state }) => state === 'FAILED').map(({ name }) => name);
}

const flip = (bytes: Uint8Array) => bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte));
const unique = (entry: Uint8Array, salt: number) => Uint8Array.from([...entry, salt >> 8, salt & 0xff]);

describe('ledger conformance', () => {
  it('passes for a sound ledger', async () => {
    expect(await listFailures(() => ({}))).toEqual([]);
  });

  let salt = 0;
  it.each<[string, (ledger: Ledger) => Partial<Ledger>, RegExp]>([
    [
      'gives equal bytes a new index',
      (ledger) => ({
        append: (list, call) =>
          ledger.append(
            list.map((one) => unique(one, salt++)),
            call,
          ),
      }),
      /keep their index/,
    ],
    [
      'counts indexes from 1',
      (ledger) => ({ append: async (list, call) => (await ledger.append(list, call)).map((index) => index + 1) }),
      /indexes in order/,
    ],
    [
      'keeps entries in reverse',
      (ledger) => ({
        append: async (list, call) => (await ledger.append(list.toReversed(), call)).toReversed(),
      }),
      /indexes in order/,
    ],
    [
      'forgets its key',
      () => ({ readCheckpoint: async () => 'observatory.example/log\n0\nAAAA\n' }),
      /signed checkpoint/,
    ],
    ['has another origin', () => ({ origin: 'else' }), /origin is the first line/],
    [
      'shows an old checkpoint',
      (ledger) => {
        const first = ledger.readCheckpoint({} as Parameters<Ledger['readCheckpoint']>[0]);
        return { readCheckpoint: () => first };
      },
      /indexes in order/,
    ],
    [
      'gives wrong inclusion proofs',
      (ledger) => ({
        proveInclusion: async (index, size, call) => (await ledger.proveInclusion(index, size, call)).map(flip),
      }),
      /proved under every later checkpoint/,
    ],
    [
      'proves only the newest size',
      (ledger) => ({
        proveInclusion: async (index, _size, call) => ledger.proveInclusion(index, await ledger.readSize(call), call),
      }),
      /sizes that the log has passed/,
    ],
    ['gives empty consistency proofs', () => ({ proveConsistency: async () => [] }), /every two sizes are consistent/],
    [
      'cuts ranges at its end',
      (ledger) => ({
        readEntries: async (start, end, call) =>
          ledger.readEntries(start, Math.min(end, await ledger.readSize(call)), call),
      }),
      /past the end is NOT_FOUND/,
    ],
    [
      'ignores the limit of an entry',
      (ledger) => ({
        append: (list, call) =>
          ledger.append(
            list.map((one) => one.subarray(0, 65_535)),
            call,
          ),
      }),
      /over the limit/,
    ],
    [
      'ignores the end of the call',
      (ledger) => ({ append: (list, call) => ledger.append(list, { ...call, signal: new AbortController().signal }) }),
      /has ended/,
    ],
  ])('fails for a ledger that %s', async (_name, spoil, expected) => {
    expect((await listFailures(spoil)).join('\n')).toMatch(expected);
  });
});
