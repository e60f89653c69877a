import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSigningKey, nodeCrypto } from '../../../core/node-crypto.js';
import { createTestCall } from '../../../core/test-call.js';
import { encodeBase64 } from '../../../formats/bytes.js';
import { createVerifierKey, formatVerifierKey } from '../../../formats/tlog/signed-note.js';
import { leafHash, rootOf } from '../../../formats/tlog/tree.js';
import { createEntries } from '../conformance/ledger-conformance.js';
import { createFilesLedger } from './files-ledger.js';

const run = promisify(execFile);
const origin = 'observatory.example/log';
const entryCount = 66_000;
const call = () => createTestCall(120_000);
const go = spawnSync('go', ['version'], { encoding: 'utf8' });

/** Go's sumdb, which the public checksum database runs on, reads our logs and our proofs. Skipped without Go. */
(go.status === 0 ? describe : describe.skip)(
  `files ledger, read by golang.org/x/mod/sumdb (${go.stdout?.trim()})`,
  () => {
    let root = '';
    let verifier = '';
    beforeAll(async () => {
      root = await mkdtemp(join(tmpdir(), 'go-verifier-'));
      verifier = join(root, 'go-verifier');
      await run('go', ['build', '-o', verifier, '.'], { cwd: join(import.meta.dirname, 'go-verifier') });
    }, 300_000);
    afterAll(() => rm(root, { recursive: true }));

    it('is signed, tiled and proved as Go expects, and refused by Go once a tile is altered', async () => {
      const key = createSigningKey();
      const dir = join(root, 'log');
      const ledger = await createFilesLedger({ dir, origin, key });
      const entries = createEntries(entryCount, 'go');
      for (let start = 0; start < entryCount; start += 10_000) {
        await ledger.append(entries.slice(start, start + 10_000), call());
      }
      const leaves = entries.map((entry) => leafHash(entry, nodeCrypto));
      const sizes = [1, 2, 3, 255, 256, 257, 1000, 65_535, 65_536, 65_537, entryCount];
      const roots = new Map(sizes.map((size) => [size, encodeBase64(rootOf(leaves.slice(0, size), nodeCrypto))]));
      const inclusion = sizes.flatMap((size) =>
        [0, 1, size >> 1, size - 1]
          .filter((index) => index < size)
          .map(async (index) => ({
            Index: index,
            Size: size,
            Leaf: encodeBase64(leaves[index] as Uint8Array),
            Root: roots.get(size),
            Path: (await ledger.proveInclusion(index, size, call())).map(encodeBase64),
          })),
      );
      const consistency = sizes.flatMap((newSize) =>
        sizes
          .filter((size) => size <= newSize)
          .map(async (oldSize) => ({
            OldSize: oldSize,
            NewSize: newSize,
            OldRoot: roots.get(oldSize),
            NewRoot: roots.get(newSize),
            Path: (await ledger.proveConsistency(oldSize, newSize, call())).map(encodeBase64),
          })),
      );
      const proofs = { Inclusion: await Promise.all(inclusion), Consistency: await Promise.all(consistency) };
      await ledger.close();
      await writeFile(join(root, 'proofs.json'), JSON.stringify(proofs));
      const verifierKey = formatVerifierKey(createVerifierKey(origin, key.publicKey, nodeCrypto));
      const args = [dir, verifierKey, join(root, 'proofs.json')];
      const { stdout } = await run(verifier, args);
      expect(stdout.trim()).toBe(
        `${entryCount} entries, ${proofs.Inclusion.length} inclusion proofs, ${proofs.Consistency.length} consistency proofs`,
      );
      const tile = join(dir, 'tile/0/100');
      await writeFile(
        tile,
        (await readFile(tile)).map((byte, at) => (at === 7 ? byte ^ 1 : byte)),
      );
      await expect(run(verifier, args)).rejects.toMatchObject({ code: 1 });
    }, 300_000);
  },
);
