import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { SciclomaticError } from '../../core/errors.js';
import { nodeCrypto } from '../../core/node-crypto.js';
import { type BundleCheck, checkBundle, parseBundle } from '../../formats/bundle.js';
import { createFileVerifier } from '../../formats/file-verifier.js';
import type { ManifestFile } from '../../formats/manifest.js';
import { onDisk } from '../local-error.js';
import type { Output } from '../output.js';

export interface VerifyOptions {
  readonly files?: string;
  readonly logKey?: string;
}

/** `sc verify`: checks a saved bundle, and the files beside it, with no server. @throws the first check that fails, after all are told */
export async function verify(output: Output, bundlePath: string, options: VerifyOptions): Promise<void> {
  const text = await onDisk(bundlePath, () => readFile(bundlePath));
  const report = checkBundle(parseBundle(text), nodeCrypto, { trustedLogKey: options.logKey });
  const checks: BundleCheck[] = [...report.checks];
  const extraFiles: string[] = [];
  if (options.files !== undefined) {
    const dir = options.files;
    const { files } = report.manifest?.content ?? { files: [] };
    const there = await onDisk(dir, () => readdir(dir, { recursive: true, withFileTypes: true }));
    for (const file of files) checks.push({ item: `file ${file.path}`, error: await checkFile(dir, file) });
    const known = new Set(files.map(({ path }) => path));
    for (const entry of there) {
      const path = relative(dir, join(entry.parentPath, entry.name)).replaceAll('\\', '/');
      if (!entry.isDirectory() && !known.has(path)) extraFiles.push(path);
    }
  }
  const failed = checks.filter(({ error }) => error !== null);
  const lines = checks.map(
    ({ item, error }) => `${error ? 'FAILED' : 'ok    '} ${item}${error ? `: ${error.code}: ${error.message}` : ''}`,
  );
  const records = report.records.map(
    ({ entry, index, origin }) => `       ${origin}/${index} ${entry.activity} by ${entry.agent} at ${entry.endedAt}`,
  );
  for (const path of extraFiles) output.remark(`note: ${path} is no file of the dataset`);
  if (options.logKey === undefined)
    output.remark(
      'note: the log’s key comes from the bundle itself; give --log-key to check it against one that you know',
    );
  output.result(
    {
      datasetId: report.datasetId,
      manifestHash: report.manifest?.hash ?? null,
      logKeyTrusted: report.logKeyTrusted,
      verified: failed.length === 0,
      extraFiles,
      checks: checks.map(({ item, error }) => ({
        item,
        error: error ? { code: error.code, message: error.message } : null,
      })),
    },
    [
      ...lines,
      ...records,
      failed.length === 0
        ? `${report.datasetId} verified: ${checks.length} checks`
        : `${report.datasetId} NOT verified: ${failed.length} of ${checks.length} checks failed`,
    ],
  );
  if (failed[0]?.error) throw failed[0].error;
}

async function checkFile(dir: string, file: ManifestFile): Promise<SciclomaticError | null> {
  const path = join(dir, file.path);
  try {
    if (!(await stat(path).catch(() => undefined))) throw new SciclomaticError('NOT_FOUND', `${path} is not there`);
    const verifier = createFileVerifier(file, nodeCrypto, { checkSha256: true });
    await onDisk(path, async () => {
      for await (const bytes of createReadStream(path, { highWaterMark: 1024 * 1024 })) verifier.push(bytes as Buffer);
    });
    verifier.end();
    return null;
  } catch (error) {
    return SciclomaticError.from(error);
  }
}
