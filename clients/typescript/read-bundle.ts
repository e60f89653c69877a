import { BUNDLE_FORMAT, type Bundle, type BundleRecord } from '../../formats/bundle.js';
import { parseSignedRecord } from '../../formats/signed-record.js';
import type { CallOptions, Client } from './client.js';
import { ListRecords, ReadEvidence } from './gen/operations.js';
import { listInstitutionKeys, required } from './signed-answer.js';

/** A thousand proofs are some megabytes: half the API's maximum. */
const RECORDS_PER_PAGE = 500;

/**
 * What an offline check of a dataset needs besides its files: `checkBundle` of formats/ takes it, `sc verify` reads it as
 * a file. It holds every record about the dataset's bytes, newest first; harvests are about its repository and left out.
 *
 * @throws ClientError NOT_FOUND when there is no such dataset or the swarm does not hold it, else the server's code.
 * @throws SciclomaticError SOURCE_INVALID_ANSWER when the server's manifest is none.
 */
export async function readBundle(client: Client, datasetId: string, options: CallOptions = {}): Promise<Bundle> {
  const { data, errors } = await client.request(ReadEvidence, { id: datasetId, firstRecords: 0 }, options);
  const dataset = required(data.dataset, errors, `Dataset ${datasetId}`);
  const log = required(data.log, errors, 'The log');
  const institutions = required(data.institutions, errors, 'The list of institutions');
  const manifest = required(dataset.manifest, errors, `A manifest of ${datasetId} in the swarm`);
  const variables = { id: datasetId, first: RECORDS_PER_PAGE, withProofs: true };
  const records: BundleRecord[] = [];
  for await (const { activity, entry, proof } of client.paginate(
    ListRecords,
    variables,
    (page) => page.dataset?.provenance?.records,
    options,
  )) {
    if (activity !== 'HARVEST' && entry !== undefined && proof !== undefined) records.push({ entry, proof });
  }
  return {
    format: BUNDLE_FORMAT,
    datasetId,
    manifest: parseSignedRecord(manifest.signedRecord),
    records,
    logVerifierKey: log.verifierKey,
    institutionKeys: listInstitutionKeys(institutions),
  };
}
