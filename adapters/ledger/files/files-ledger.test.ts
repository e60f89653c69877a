import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createSigningKey, nodeCrypto, readOrCreateSigningKey } from '../../../core/node-crypto.js';
import { createTestCall } from '../../../core/test-call.js';
import { encodeUtf8 } from '../../../formats/bytes.js';
import { verifyCheckpoint } from '../../../formats/tlog/checkpoint.js';
import { verifyInclusion } from '../../../formats/tlog/proof.js';
import { createVerifierKey } from '../../../formats/tlog/signed-note.js';
import { leafHash } from '../../../formats/tlog/tree.js';
import { runConformance } from '../../conformance.js';
import {
  assertHolds,
  createEntries,
  type LedgerSubject,
  ledgerConformance,
} from '../conformance/ledger-conformance.js';
import type { Ledger } from '../contract.js';
import { createMemoryLedger } from '../memory/memory-ledger.js';
import { checkLedger } from './check-ledger.js';
import { createFilesLedger, type FilesLedgerOptions } from './files-ledger.js';
import type { LedgerDisk } from './ledger-disk.js';

const origin = 'observatory.example/log';
const key = createSigningKey();
const logKey = createVerifierKey(origin, key.publicKey, nodeCrypto);
const call = () => createTestCall();
const corrupt = { code: 'DATA_CORRUPT' };
/** For tests of many fsyncs or of child processes, on a machine that does other things too. */
const SLOW_MS = 120_000;

let root = '';
let opened: Ledger[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'files-ledger-'));
});
afterEach(async () => {
  await Promise.all(opened.map((ledger) => ledger.close()));
  opened = [];
  await rm(root, { recursive: true });
});

async function open(dir = join(root, 'log'), options: Partial<FilesLedgerOptions> = {}): Promise<Ledger> {
  const ledger = await createFilesLedger({ dir, origin, key, ...options });
  opened.push(ledger);
  return ledger;
}

async function createSubject(): Promise<LedgerSubject> {
  const dir = await mkdtemp(join(root, 'subject-'));
  let ledger = await open(dir);
  return {
    supports: ledger.supports,
    ledger,
    logKey,
    reopen: async () => {
      await ledger.close();
      ledger = await open(dir);
      return ledger;
    },
    close: async () => {
      await ledger.close();
      expect((await checkLedger({ dir, logKey })).problems).toEqual([]);
    },
  };
}

describe('files ledger', () => {
  it.each(ledgerConformance)('$name', async (one) => {
    const [outcome] = await runConformance([one], createSubject);
    expect(outcome).toMatchObject({ state: 'PASSED' });
  });

  it(
    'answers like the memory ledger whatever is appended, read and reopened',
    async () => {
      const append = fc.record({ kind: fc.constant('append' as const), from: fc.nat(400), count: fc.nat(300) });
      const reopen = fc.record({ kind: fc.constant('reopen' as const) });
      const steps = fc.array(fc.oneof({ weight: 4, arbitrary: append }, { weight: 1, arbitrary: reopen }), {
        maxLength: 8,
      });
      const pool = createEntries(700, 'pool');
      await fc.assert(
        fc.asyncProperty(steps, async (list) => {
          const dir = await mkdtemp(join(root, 'property-'));
          const model = await createMemoryLedger({ origin, key });
          let ledger = await open(dir);
          for (const step of list) {
            if (step.kind === 'reopen') {
              await ledger.close();
              ledger = await open(dir);
            } else {
              const entries = pool.slice(step.from, step.from + step.count);
              expect(await ledger.append(entries, call())).toEqual(await model.append(entries, call()));
            }
            const size = await model.readSize(call());
            expect(await ledger.readCheckpoint(call())).toBe(await model.readCheckpoint(call()));
            expect(plain(await ledger.readEntries(0, size, call()))).toEqual(
              plain(await model.readEntries(0, size, call())),
            );
            for (const index of [0, size >> 1, size - 1].filter((one) => one >= 0 && one < size)) {
              const paths = [ledger, model].map((one) => one.proveInclusion(index, size, call()));
              expect(plain(await (paths[0] ?? []))).toEqual(plain(await (paths[1] ?? [])));
              const proofs = [ledger, model].map((one) => one.proveConsistency(index, size, call()));
              expect(plain(await (proofs[0] ?? []))).toEqual(plain(await (proofs[1] ?? [])));
            }
          }
          await ledger.close();
          expect((await checkLedger({ dir, logKey })).problems).toEqual([]);
        }),
        { numRuns: 15 },
      );
    },
    SLOW_MS,
  );

  it('keeps partial tiles of every checkpoint until their full tile has come', async () => {
    const dir = join(root, 'log');
    const ledger = await open(dir);
    const entries = createEntries(260);
    for (const [start, end] of [
      [0, 3],
      [3, 10],
      [10, 200],
    ] as const)
      await ledger.append(entries.slice(start, end), call());
    expect((await readdir(join(dir, 'tile/0/000.p'))).sort()).toEqual(['10', '200', '3']);
    await ledger.append(entries.slice(200, 256), call());
    await ledger.close();
    expect(await readdir(join(dir, 'tile/0'))).toEqual(['000']);
    expect(await readdir(join(dir, 'tile/entries'))).toEqual(['000']);
    expect(await readdir(join(dir, 'tile/1/000.p'))).toEqual(['1']);
    expect(await readdir(join(dir, 'incoming'))).toEqual([]);
  });

  it('shares rounds of writing between concurrent appends', async () => {
    let checkpoints = 0;
    const wrapDisk = (disk: LedgerDisk): LedgerDisk => ({
      ...disk,
      write: (path, bytes) => {
        if (path === 'checkpoint') checkpoints += 1;
        return disk.write(path, bytes);
      },
    });
    const ledger = await open(undefined, { wrapDisk });
    checkpoints = 0;
    const indexes = await Promise.all(createEntries(200).map((entry) => ledger.append([entry], call())));
    expect(new Set(indexes.flat()).size).toBe(200);
    expect(checkpoints).toBeLessThanOrEqual(3);
  });
});

const plain = (bytes: readonly Uint8Array[]): string[] => bytes.map((one) => Buffer.from(one).toString('latin1'));

describe('files ledger, interrupted', () => {
  it(
    'loses nothing acknowledged when it is killed, and proves all of it',
    async () => {
      const dir = join(root, 'log');
      const keyFile = join(root, 'key.pem');
      const acknowledged = new Map<number, string>();
      for (const [run, count] of [40, 300, 700].entries()) {
        for (const line of await appendUntilKilled([dir, keyFile, `run${run}`], count)) {
          const [index = '', ...words] = line.split(' ');
          expect(acknowledged.has(Number(index))).toBe(false);
          acknowledged.set(Number(index), words.join(' '));
        }
        const childKey = await readOrCreateSigningKey(keyFile);
        const childLogKey = createVerifierKey(origin, childKey.publicKey, nodeCrypto);
        const ledger = await open(dir, { key: childKey });
        const checkpoint = verifyCheckpoint(await ledger.readCheckpoint(call()), childLogKey, nodeCrypto);
        const entries = await ledger.readEntries(0, checkpoint.size, call());
        for (const [index, text] of acknowledged) {
          expect(Buffer.from(entries[index] ?? []).toString()).toBe(text);
          const path = await ledger.proveInclusion(index, checkpoint.size, call());
          const leaf = leafHash(encodeUtf8(text), nodeCrypto);
          verifyInclusion({ index, size: checkpoint.size, leafHash: leaf, path, root: checkpoint.root }, nodeCrypto);
          expect(await ledger.append([encodeUtf8(text)], call())).toEqual([index]);
        }
        expect(await ledger.readSize(call())).toBe(checkpoint.size);
        await ledger.close();
        expect((await checkLedger({ dir, logKey: childLogKey })).problems).toEqual([]);
      }
      expect(acknowledged.size).toBeGreaterThanOrEqual(1037);
    },
    SLOW_MS,
  );

  it(
    'is whole and may go on whichever step of writing is the last one, and never lacks what its checkpoint names',
    async () => {
      const before = createEntries(250, 'before');
      const interrupted = createEntries(12, 'interrupted');
      const after = createEntries(12, 'after');
      for (let step = 0; ; step += 1) {
        const dir = await mkdtemp(join(root, 'step-'));
        const first = await open(dir);
        await first.append(before, call());
        await first.close();
        let left = Number.POSITIVE_INFINITY;
        const wrapDisk = (disk: LedgerDisk): LedgerDisk => failAfter(disk, () => left-- <= 0, 'EIO');
        const second = await open(dir, { wrapDisk });
        left = step;
        const outcome = await second.append(interrupted, call()).then(
          () => 'acknowledged',
          () => 'failed',
        );
        left = 0;
        await second.close();
        const third = await open(dir);
        const size = await third.readSize(call());
        if (outcome === 'acknowledged') expect(size).toBe(262);
        expect([250, 262]).toContain(size);
        const kept = size === 250 ? before : [...before, ...interrupted];
        await assertHolds(third, logKey, kept);
        await third.append(after, call());
        await assertHolds(third, logKey, [...kept, ...after]);
        await third.close();
        expect((await checkLedger({ dir, logKey })).problems).toEqual([]);
        if (outcome === 'acknowledged') {
          expect(step).toBeGreaterThanOrEqual(7);
          return;
        }
      }
    },
    SLOW_MS,
  );

  it('writes bytes, then names, then the checkpoint, then its name', async () => {
    const steps: string[] = [];
    const wrapDisk = (disk: LedgerDisk): LedgerDisk => ({
      ...disk,
      write: async (path, bytes) => {
        await disk.write(path, bytes);
        steps.push(path === 'checkpoint' ? 'checkpoint' : 'tile');
      },
      syncNames: async (paths) => {
        await disk.syncNames(paths);
        steps.push(paths.includes('checkpoint') ? 'checkpoint name' : `${paths.length} names`);
      },
    });
    const ledger = await open(undefined, { wrapDisk });
    steps.length = 0;
    await ledger.append(createEntries(3), call());
    expect(steps).toEqual(['tile', 'tile', '2 names', 'checkpoint', 'checkpoint name']);
  });

  it('says STORAGE_FULL on a full disk, keeps what it had, and goes on when there is space', async () => {
    let full = false;
    const wrapDisk = (disk: LedgerDisk): LedgerDisk => failAfter(disk, () => full, 'ENOSPC');
    const ledger = await open(undefined, { wrapDisk });
    const entries = createEntries(20, 'full');
    await ledger.append(entries.slice(0, 5), call());
    full = true;
    await expect(ledger.append(entries.slice(5, 10), call())).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    await assertHolds(ledger, logKey, entries.slice(0, 5));
    full = false;
    expect(await ledger.append(entries.slice(10), call())).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
    await assertHolds(ledger, logKey, [...entries.slice(0, 5), ...entries.slice(10)]);
  });
});

/** Lines that a child process printed before it was killed with SIGKILL, after so many of them. */
async function appendUntilKilled(args: readonly string[], count: number): Promise<string[]> {
  const script = join(import.meta.dirname, 'append-until-killed.fixture.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === count) child.kill('SIGKILL');
  }
  await exited;
  // The last line may be cut short.
  return lines.filter((line) => /^\d+ run\d \d+$/.test(line)).slice(0, -1);
}

/** A disk whose steps that change something fail from a moment on; a failing write may leave nothing or, of a real disk, less. */
function failAfter(disk: LedgerDisk, fails: () => boolean, code: string): LedgerDisk {
  const refuse = () => Promise.reject(Object.assign(new Error(`${code}: disk of the test`), { code }));
  return {
    ...disk,
    write: (path, bytes) => (fails() ? refuse() : disk.write(path, bytes)),
    syncNames: (paths) => (fails() ? refuse() : disk.syncNames(paths)),
    removeFolder: (path) => (fails() ? refuse() : disk.removeFolder(path)),
  };
}

describe('files ledger, opened', () => {
  const dir = () => join(root, 'log');
  const fill = async (count = 300): Promise<void> => {
    const ledger = await open();
    await ledger.append(createEntries(count), call());
    await ledger.close();
  };

  it('is refused while another has it open, and free again after', async () => {
    const first = await open();
    await expect(open()).rejects.toMatchObject({ code: 'CONFLICT' });
    await first.close();
    await open();
  });

  it('is taken over from a process that is dead, or whose pid is now another’s', async () => {
    await fill(2);
    for (const owner of [
      { id: 'a', pid: 2 ** 30, startTicks: '1' },
      { id: 'b', pid: process.pid, startTicks: '1' },
    ]) {
      await writeFile(join(dir(), 'lock'), JSON.stringify(owner));
      await (await open()).close();
    }
    await writeFile(join(dir(), 'lock'), '{"id":');
    await open();
  });

  it('appends nothing once another process has taken it', async () => {
    const ledger = await open();
    await writeFile(join(dir(), 'lock'), JSON.stringify({ id: 'other', pid: 1, startTicks: null }));
    await expect(ledger.append(createEntries(1), call())).rejects.toMatchObject({ code: 'CONFLICT' });
    await assertHolds(ledger, logKey, []);
    await rm(join(dir(), 'lock'));
  });

  it('is refused with another key or origin', async () => {
    await fill(2);
    await expect(open(dir(), { key: createSigningKey() })).rejects.toMatchObject(corrupt);
    await expect(open(dir(), { origin: 'else.example/log' })).rejects.toMatchObject(corrupt);
    await expect(open(dir(), { origin: 'no name' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('is refused when its checkpoint is lost or older than what was published', async () => {
    await fill(2);
    const old = await readFile(join(dir(), 'checkpoint'));
    const ledger = await open();
    await ledger.append(createEntries(5, 'more'), call());
    await ledger.close();
    await writeFile(join(dir(), 'checkpoint'), old);
    await expect(open()).rejects.toMatchObject(corrupt);
    await rm(join(dir(), 'checkpoint'));
    await expect(open()).rejects.toMatchObject(corrupt);
  });

  it('makes its index again when that is lost', async () => {
    await fill(300);
    await rm(join(dir(), 'index'), { recursive: true });
    const ledger = await open();
    expect(await ledger.append(createEntries(300).slice(100, 102), call())).toEqual([100, 101]);
  });

  it('is refused when a tile at its edge is missing, cut or altered', async () => {
    await fill(300);
    for (const path of ['tile/0/001.p/44', 'tile/entries/001.p/44', 'tile/1/000.p/1']) {
      const file = join(dir(), path);
      const bytes = await readFile(file);
      for (const damage of [
        () => rm(file),
        () => truncate(file, bytes.length - 1),
        () =>
          writeFile(
            file,
            bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte)),
          ),
      ]) {
        await damage();
        await expect(open()).rejects.toMatchObject(corrupt);
        await writeFile(file, bytes);
      }
    }
    await open();
  });

  it('never shows an entry that does not hash to its tile', async () => {
    await fill(300);
    const file = join(dir(), 'tile/entries/000');
    const bytes = await readFile(file);
    await writeFile(
      file,
      bytes.map((byte, at) => (at === 5 ? byte ^ 1 : byte)),
    );
    const ledger = await open();
    await expect(ledger.readEntries(10, 20, call())).rejects.toMatchObject(corrupt);
    expect(await ledger.readEntries(256, 300, call())).toHaveLength(44);
  });
});

describe('checkLedger', () => {
  it('finds every altered byte of every file', async () => {
    const dir = join(root, 'log');
    const ledger = await open();
    await ledger.append(createEntries(513, 'checked'), call());
    await ledger.close();
    expect(await checkLedger({ dir, logKey })).toMatchObject({ problems: [], checkpoint: { size: 513, origin } });
    expect(await checkLedger({ dir })).toMatchObject({ problems: [], signatureChecked: false });
    const files = [
      'checkpoint',
      'tile/entries/000',
      'tile/entries/002.p/1',
      'tile/0/001',
      'tile/0/002.p/1',
      'tile/1/000.p/2',
    ];
    for (const path of files) {
      const file = join(dir, path);
      const bytes = await readFile(file);
      const { size } = await stat(file);
      for (const at of [0, 1, size >> 1, size - 1]) {
        await writeFile(
          file,
          bytes.map((byte, position) => (position === at ? byte ^ 4 : byte)),
        );
        expect((await checkLedger({ dir, logKey })).problems).not.toEqual([]);
      }
      await rm(file);
      expect((await checkLedger({ dir, logKey })).problems).not.toEqual([]);
      await writeFile(file, bytes);
    }
    expect((await checkLedger({ dir, logKey })).problems).toEqual([]);
    await expect(checkLedger({ dir: join(root, 'none') })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
