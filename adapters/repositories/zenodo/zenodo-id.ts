import { SciclomaticError } from '../../../core/errors.js';

/** DOI prefix of the records that Zenodo registers; its sandbox uses `10.5072/zenodo.`. */
const ZENODO_DOI_PREFIX = '10.5281/zenodo.';

const RECORD_NUMBER = /^[1-9]\d{0,14}$/;

/**
 * A record's local id is `10.5281/zenodo.<record number>`: the DOI that Zenodo gives. A record that came with a DOI of
 * elsewhere keeps that one in `doi`, and has the same form of local id, so that an id always leads back to the
 * record's number and both protocols give the same ids.
 * @throws SOURCE_INVALID_ANSWER when it is no record number
 */
export function createLocalId(recordNumber: string | number): string {
  if (!RECORD_NUMBER.test(String(recordNumber))) {
    throw new SciclomaticError(
      'SOURCE_INVALID_ANSWER',
      `${JSON.stringify(recordNumber)} is no record number of Zenodo`,
    );
  }
  return `${ZENODO_DOI_PREFIX}${recordNumber}`;
}

/** The record number in a local id; undefined when it is none of ours. */
export function parseLocalId(localId: string): string | undefined {
  const number = localId.startsWith(ZENODO_DOI_PREFIX) ? localId.slice(ZENODO_DOI_PREFIX.length) : '';
  return RECORD_NUMBER.test(number) ? number : undefined;
}

/** The record number in `oai:zenodo.org:123`. @throws SOURCE_INVALID_ANSWER */
export function parseOaiIdentifier(identifier: string): string {
  const number = /^oai:[\w.-]+:(\d+)$/.exec(identifier)?.[1];
  if (number === undefined) {
    throw new SciclomaticError('SOURCE_INVALID_ANSWER', `${JSON.stringify(identifier)} is no OAI identifier of Zenodo`);
  }
  return number;
}
