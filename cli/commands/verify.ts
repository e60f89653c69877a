import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SciclomaticError } from '../../core/errors.js';
import { nodeCrypto } from '../../core/node-crypto.js';
import { type BundleCheck, checkBundle, parseBundle } from '../../formats/bundle.js';
import { createFileVerifier } from '../../formats/file-verifier.js';
import type { ManifestFile } from '../../formats/manifest.js';
import type { Output } from '../output.js';

export interface VerifyOptions {
  readonly files?: string;
  readonly logKey?: string;
}

/** `sc verify`: checks a saved bundle, and the files beside it, with no server. @throws the first check that fails, after all are told */
export async function verify(output: Output, bundlePath: string, options: VerifyOptions): Promise<void> {
  const text = await readFile(bundlePath).catch((error: unknown) => {
    throw new SciclomaticError(
      'BAD_INPUT',
      `${bundlePath} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  });
  const report = checkBundle(parseBundle(text), nodeCrypto, { trustedLogKey: options.logKey });
  const checks: BundleCheck[] = [...report.checks];
  if (options.files !== undefined && report.manifest) {
    for (const file of report.manifest.content.files)
      checks.push({ item: `file ${file.path}`, error: await checkFile(options.files, file) });
  }
  const failed = checks.filter(({ error }) => error !== null);
  const lines = checks.map(
    ({ item, error }) => `${error ? 'FAILED' : 'ok    '} ${item}${error ? `: ${error.code}: ${error.message}` : ''}`,
  );
  const records = report.records.map(
    ({ entry, index, origin }) => `       ${origin}/${index} ${entry.activity} by ${entry.agent} at ${entry.endedAt}`,
  );
  if (!report.logKeyTrusted)
    output.remark(
      'note: the log’s key comes from the bundle itself; give --log-key to check it against one that you know',
    );
  output.result(
    {
      datasetId: report.datasetId,
      manifestHash: report.manifest?.hash ?? null,
      logKeyTrusted: report.logKeyTrusted,
      verified: failed.length === 0,
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
  if (!(await stat(path).catch(() => undefined))) return new SciclomaticError('NOT_FOUND', `${path} is not there`);
  try {
    const verifier = createFileVerifier(file, nodeCrypto, { checkSha256: true });
    for await (const bytes of createReadStream(path, { highWaterMark: 1024 * 1024 })) verifier.push(bytes as Buffer);
    verifier.end();
    return null;
  } catch (error) {
    return SciclomaticError.from(error);
  }
}
