import { ReadEvidence } from '../clients/typescript/gen/operations.js';
import { SciclomaticError } from '../core/errors.js';
import { nodeCrypto } from '../core/node-crypto.js';
import { type Bundle, checkBundle } from '../formats/bundle.js';
import type { Manifest } from '../formats/manifest.js';
import { parseSignedRecord } from '../formats/signed-record.js';
import { required, type Session } from './session.js';

/** What an offline check of the dataset needs besides its files. @throws NOT_FOUND when the swarm does not hold it */
export async function readBundle(session: Session, datasetId: string): Promise<Bundle> {
  const { data, errors } = await session.client.request(ReadEvidence, { id: datasetId }, { signal: session.signal });
  const dataset = required(data.dataset, errors, `Dataset ${datasetId}`);
  const log = required(data.log, errors, 'The log');
  const provenance = required(dataset.provenance, errors, 'The provenance');
  if (!dataset.manifest)
    throw new SciclomaticError(
      'NOT_FOUND',
      `The swarm does not hold ${datasetId}: nothing proves its bytes. "sc mirror" brings it in`,
    );
  const institutions = required(data.institutions, errors, 'The institutions').nodes;
  return {
    format: 'sciclomatic-bundle/1',
    datasetId,
    manifest: parseSignedRecord(dataset.manifest.signedRecord),
    // A harvest is about the repository; what is about the dataset's bytes is the rest.
    records: provenance.records.nodes
      .filter(({ activity }) => activity !== 'HARVEST')
      .map(({ entry, proof }) => ({ entry, proof })),
    logVerifierKey: log.verifierKey,
    institutionKeys: Object.fromEntries(
      institutions.flatMap(({ id, publicKey }) => (publicKey ? [[id, publicKey]] : [])),
    ),
  };
}

/** The manifest of a bundle, its signature verified. @throws SIGNATURE_INVALID */
export function readVerifiedManifest(bundle: Bundle): Manifest {
  const { manifest, checks } = checkBundle(bundle, nodeCrypto);
  if (manifest) return manifest.content;
  throw (
    checks.find(({ item, error }) => item === 'manifest' && error)?.error ??
    new SciclomaticError('SIGNATURE_INVALID', 'The manifest does not verify')
  );
}
