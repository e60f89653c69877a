import { createHash } from 'node:crypto';
import { hexBlake3 } from '../../../core/node-hashes.js';
import type { Checksum } from '../../../formats/dataset-record.js';
import type { ConformanceCase } from '../../conformance.js';
import type { RepositoryAdapter } from '../contract.js';
import { MAX_PIECE_BYTES } from '../file-range.js';
import { expectCode, expectSame, expectThat } from './expectations.js';
import {
  abortedCall,
  localIdOf,
  readBytes,
  readPieces,
  SAMPLE_LIMITS,
  sampleCall,
  sampleFileForRanges,
  sampleFiles,
  sampleFilledListing,
} from './sampling.js';

const UNKNOWN_PATH = 'sciclomatic-conformance/no-such-file';

/** Hex digits of the digests that can be recomputed from bytes; others (etag, …) are only kept. */
const DIGEST_LENGTHS: Readonly<Record<string, number>> = { md5: 32, sha1: 40, sha256: 64, sha512: 128, blake3: 64 };

/** Cases about files and their bytes. */
export const fileCases: readonly ConformanceCase<RepositoryAdapter>[] = [
  {
    name: 'files have safe relative paths, each once, in code-unit order',
    needs: 'files',
    run: checkPaths,
  },
  {
    name: 'checksums of known algorithms are lower-case hex of the right length',
    needs: 'files',
    run: checkChecksums,
  },
  {
    name: 'openFile gives exactly the bytes that size and checksums promise',
    needs: 'fileBytes',
    run: checkBytes,
  },
  {
    name: 'openFile gives pieces of at most 1 MiB',
    needs: 'fileBytes',
    run: async (adapter) => {
      const largest = (await sampleFiles(adapter)).at(-1);
      expectThat(largest !== undefined, 'Expected a file to read, got none');
      for (const piece of await readPieces(adapter, { localId: largest.localId, path: largest.file.path })) {
        expectThat(
          piece.byteLength <= MAX_PIECE_BYTES,
          `Expected pieces of at most ${MAX_PIECE_BYTES} bytes, got ${piece.byteLength}`,
        );
      }
    },
  },
  {
    name: 'openFile of an unknown dataset or path is NOT_FOUND',
    needs: 'fileBytes',
    run: async (adapter) => {
      const [record] = (await sampleFilledListing(adapter)).records;
      for (const localId of [record ? localIdOf(record) : '', 'sciclomatic-conformance-no-such-dataset']) {
        await expectCode(
          () => readPieces(adapter, { localId, path: UNKNOWN_PATH }),
          ['NOT_FOUND'],
          `Opening ${UNKNOWN_PATH} of ${localId}`,
        );
      }
    },
  },
  {
    name: 'openFile in an ended call stops with CANCELLED or DEADLINE_EXCEEDED',
    needs: 'fileBytes',
    run: async (adapter) => {
      const { localId, file } = await sampleFileForRanges(adapter);
      await expectCode(
        () => readPieces(adapter, { localId, path: file.path }, { offset: 0 }, abortedCall()),
        ['CANCELLED', 'DEADLINE_EXCEEDED'],
        `Opening ${file.path} of ${localId}`,
      );
    },
  },
  {
    name: 'a range is the same slice of the file, cut at its end',
    needs: 'ranges',
    run: checkRanges,
  },
  {
    name: 'a range that begins outside the file is BAD_INPUT',
    needs: 'ranges',
    run: async (adapter) => {
      const sample = await sampleFileForRanges(adapter);
      for (const offset of [sample.sizeBytes + 1, -1]) {
        await expectCode(
          () => readBytes(adapter, sample, { offset }),
          ['BAD_INPUT'],
          `Reading ${sample.file.path} (${sample.sizeBytes} bytes) from offset ${offset}`,
        );
      }
    },
  },
  {
    name: 'what supports does not offer is UNSUPPORTED',
    run: checkUnsupported,
  },
];

async function checkPaths(adapter: RepositoryAdapter): Promise<void> {
  const { records } = await sampleFilledListing(adapter);
  expectThat(
    records.some((record) => record.files !== null),
    `Expected a list of files in one of the first ${records.length} datasets, got null in all`,
  );
  for (const record of records) {
    let previous: string | undefined;
    for (const { path } of record.files ?? []) {
      expectThat(isSafePath(path), `Expected safe relative paths in ${record.id}, got ${JSON.stringify(path)}`);
      expectThat(
        previous === undefined || previous < path,
        `Expected paths of ${record.id} in order and once each, got ${JSON.stringify(path)} after ${JSON.stringify(previous)}`,
      );
      previous = path;
    }
  }
}

/** Whether the path can be put below a folder without leaving it. */
function isSafePath(path: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

async function checkChecksums(adapter: RepositoryAdapter): Promise<void> {
  const { records } = await sampleFilledListing(adapter);
  for (const record of records) {
    for (const file of record.files ?? []) {
      for (const { algorithm, value } of file.checksums) {
        const length = DIGEST_LENGTHS[algorithm];
        expectThat(
          length === undefined || (value.length === length && /^[0-9a-f]+$/.test(value)),
          `Expected ${algorithm} of ${record.id}#${file.path} as ${length} lower-case hex digits, got ${value}`,
        );
      }
    }
  }
}

async function checkBytes(adapter: RepositoryAdapter): Promise<void> {
  for (const sample of (await sampleFiles(adapter)).slice(0, SAMPLE_LIMITS.files)) {
    const bytes = await readBytes(adapter, sample);
    const name = `${sample.localId}#${sample.file.path}`;
    expectSame(bytes.byteLength, sample.sizeBytes, `Bytes of ${name}`);
    for (const checksum of sample.file.checksums) {
      const computed = computeChecksum(checksum, bytes);
      if (computed !== undefined) expectSame(computed, checksum.value, `${checksum.algorithm} of ${name}`);
    }
  }
}

function computeChecksum(checksum: Checksum, bytes: Uint8Array): string | undefined {
  if (DIGEST_LENGTHS[checksum.algorithm] === undefined) return undefined;
  return checksum.algorithm === 'blake3'
    ? hexBlake3(bytes)
    : createHash(checksum.algorithm).update(bytes).digest('hex');
}

async function checkRanges(adapter: RepositoryAdapter): Promise<void> {
  const sample = await sampleFileForRanges(adapter);
  const { sizeBytes } = sample;
  const whole = await readBytes(adapter, sample);
  const middle = Math.floor(sizeBytes / 2);
  const ranges = [
    { offset: 0, length: 1 },
    { offset: 1, length: 2 },
    { offset: middle, length: sizeBytes - middle - 1 },
    { offset: middle },
    { offset: sizeBytes - 1 },
    { offset: sizeBytes - 3, length: 10 },
  ];
  for (const range of ranges) {
    const { offset, length } = range;
    const expected = whole.subarray(offset, length === undefined ? undefined : offset + length);
    const actual = await readBytes(adapter, sample, range);
    expectThat(
      actual.equals(expected),
      `Expected ${expected.byteLength} bytes of ${sample.file.path} from ${offset}, as in the whole file, got ${actual.byteLength} ${actual.byteLength === expected.byteLength ? 'other bytes' : 'bytes'}`,
    );
  }
}

async function checkUnsupported(adapter: RepositoryAdapter): Promise<void> {
  const { fileBytes, ranges } = adapter.supports;
  if (fileBytes && ranges) return;
  if (fileBytes) {
    const sample = await sampleFileForRanges(adapter);
    await expectCode(() => readBytes(adapter, sample, { offset: 1 }), ['UNSUPPORTED'], 'Reading from offset 1');
    return;
  }
  const { records } = await sampleFilledListing(adapter);
  const record = records.find((one) => (one.files ?? []).length > 0) ?? records[0];
  expectThat(record !== undefined, 'Expected a dataset, got none');
  await expectCode(
    () => adapter.openFile(localIdOf(record), record.files?.[0]?.path ?? UNKNOWN_PATH, { offset: 0 }, sampleCall()),
    ['UNSUPPORTED'],
    `Opening a file of ${record.id}`,
  );
}
