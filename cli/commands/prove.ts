import { readBundle } from '../../clients/typescript/read-bundle.js';
import { formatBundle } from '../../formats/bundle.js';
import { formatQuantity } from '../output.js';
import type { Session } from '../session.js';
import { writeText } from '../write-text.js';

/** `sc prove`: saves what an offline check of a dataset needs. */
export async function prove(session: Session, datasetId: string, options: { readonly out: string }): Promise<void> {
  const bundle = await readBundle(session.client, datasetId, { signal: session.signal });
  await writeText(options.out, formatBundle(bundle));
  session.output.result({ datasetId, bundle: options.out, recordCount: bundle.records.length }, [
    `${options.out}: signed manifest and ${formatQuantity(bundle.records.length, 'record')} with proofs; check with: sc verify ${options.out} --files DIR`,
  ]);
}
