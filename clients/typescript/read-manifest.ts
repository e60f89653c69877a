import { decodeBase64 } from '../../formats/bytes.js';
import type { FormatCrypto } from '../../formats/crypto.js';
import { type SignedManifest, verifyManifest } from '../../formats/signed-manifest.js';
import { parseSignedRecord } from '../../formats/signed-record.js';
import type { CallOptions, Client } from './client.js';
import { ClientError } from './client-error.js';
import { ReadManifest } from './gen/operations.js';
import { listInstitutionKeys, required } from './signed-answer.js';

/**
 * The manifest of a dataset in the swarm, its signature verified against the keys of the institutions that the server
 * names. Asks storage and the registry, not the log: `readBundle` has the proofs.
 *
 * @throws ClientError NOT_FOUND when there is no such dataset or the swarm does not hold it, else the server's code.
 * @throws SciclomaticError SOURCE_INVALID_ANSWER, SIGNATURE_INVALID when the server's manifest is none, or is of another dataset.
 */
export async function readManifest(
  client: Client,
  datasetId: string,
  crypto: FormatCrypto,
  options: CallOptions = {},
): Promise<SignedManifest> {
  const { data, errors } = await client.request(ReadManifest, { id: datasetId }, options);
  const dataset = required(data.dataset, errors, `Dataset ${datasetId}`);
  const { signedRecord } = required(dataset.manifest, errors, `A manifest of ${datasetId} in the swarm`);
  const institutions = required(data.institutions, errors, 'The list of institutions');
  const keys = Object.values(listInstitutionKeys(institutions)).map(decodeBase64);
  const signed = verifyManifest(parseSignedRecord(signedRecord), keys, crypto);
  if (signed.datasetId === datasetId) return signed;
  throw new ClientError('SIGNATURE_INVALID', `The manifest is of ${signed.datasetId}, not ${datasetId}`);
}
