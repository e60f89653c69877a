import type { Call } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import type { SourceClient } from '../fetch-source.js';
import { type OaiAnswer, parseOaiAnswer } from './oai-answer.js';

/** Largest answer that is read, in bytes; 50 records of Zenodo have about 200 KB. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
/** Zenodo answers every protocol error with 422, other servers with 400 or 200: what counts is the error element. */
const ERROR_STATUSES = [400, 422];

export type OaiArguments = Readonly<Record<string, string | undefined>>;

/** One OAI-PMH 2.0 endpoint (openarchives.org/OAI/openarchivesprotocol.html). */
export interface OaiSource {
  /**
   * The answer, which may hold protocol errors among `expectedErrors`.
   * @throws SOURCE_INVALID_ANSWER for other protocol errors, with their code, and for what is no OAI-PMH; and as SourceClient
   */
  ask(verb: string, parameters: OaiArguments, expectedErrors: readonly string[], call: Call): Promise<OaiAnswer>;
}

export function createOaiSource(endpointUrl: string, source: string, client: SourceClient): OaiSource {
  return {
    async ask(verb, parameters, expectedErrors, call) {
      const url = new URL(endpointUrl);
      url.searchParams.set('verb', verb);
      for (const [name, value] of Object.entries(parameters)) {
        if (value !== undefined) url.searchParams.set(name, value);
      }
      const request = {
        url: url.href,
        headers: { accept: 'text/xml, application/xml' },
        acceptedStatuses: ERROR_STATUSES,
      };
      const { text } = await client.readText(request, MAX_ANSWER_BYTES, call).catch((error: unknown) => {
        throw explainMissing(error, endpointUrl, source);
      });
      const answer = parseOaiAnswer(text, source);
      const unexpected = answer.errors.find((error) => !expectedErrors.includes(error.code));
      if (unexpected !== undefined) {
        throw new SciclomaticError('SOURCE_INVALID_ANSWER', `${verb}: ${unexpected.code}: ${unexpected.message}`, {
          source,
        });
      }
      return answer;
    },
  };
}

/** OAI-PMH tells a missing record in an error element; HTTP 404 means that the endpoint is not there. */
function explainMissing(error: unknown, endpointUrl: string, source: string): unknown {
  return error instanceof SciclomaticError && error.code === 'NOT_FOUND'
    ? new SciclomaticError('SOURCE_INVALID_ANSWER', `No OAI-PMH at ${endpointUrl}`, { cause: error, source })
    : error;
}
