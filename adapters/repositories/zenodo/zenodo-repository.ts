import { SciclomaticError } from '../../../core/errors.js';
import { parseRepositoryId } from '../../../core/ids.js';
import type { RepositoryAdapter } from '../contract.js';
import { createSourceClient, type SourceClock } from '../fetch-source.js';
import { createOaiRepository } from './oai-pmh.js';
import { createRestRepository } from './rest.js';

export interface ZenodoRepositoryOptions {
  /** Default `https://zenodo.org`. */
  readonly baseUrl?: string | undefined;
  /** `oai-pmh`: all metadata, no files. `rest`: metadata and files, and searches. */
  readonly protocol: 'rest' | 'oai-pmh';
  /** Default `zenodo`. */
  readonly id?: string | undefined;
  /** For people; default `Zenodo`. */
  readonly name?: string | undefined;
  /** Pages for people; default `https://zenodo.org`. Its host is also the namespace of OAI identifiers. */
  readonly homepageUrl?: string | undefined;
  /** Personal access token: larger pages and quotas. Sent to `baseUrl` only. */
  readonly token?: string | undefined;
  /** A community: `user-<community>` or another set with `oai-pmh`, its bare name with `rest`. */
  readonly set?: string | undefined;
  readonly clock?: SourceClock | undefined;

  /** `rest`: records on a page; at most (and by default) 25 for guests, 100 with a token. */
  readonly pageSize?: number | undefined;
  /** `rest`: a search in Elasticsearch's query string syntax. */
  readonly query?: string | undefined;
  /** `rest`: another order than by time of change, `""` for the source's own. Then listings are not incremental and end at 10,000 records. */
  readonly sort?: string | undefined;
  /** `rest`: further parameters of the search, e.g. `{ type: 'dataset' }`. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;

  /** `oai-pmh`: path of the endpoint; default `/oai2d`. */
  readonly endpointPath?: string | undefined;
  /** `oai-pmh`: default `datacite`, and `oai_dc` where the source does not know that. */
  readonly metadataPrefix?: 'datacite' | 'oai_datacite' | 'oai_dc' | undefined;
  /** `oai-pmh`: first and last datestamp, both inclusive: `2026-04-01` or `2026-04-01T00:00:00Z`. */
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  /** `oai-pmh`: records asked for at once, so that little is repeated when a resumption token expires; default 2,000, 0 = all. */
  readonly windowRecords?: number | undefined;
}

const GUEST_PAGE_SIZE = 25;
const TOKEN_PAGE_SIZE = 100;
/** 40 pages of Zenodo, 80 seconds at its rate of 30 a minute; also what fits into a cursor. */
const DEFAULT_WINDOW_RECORDS = 2000;
const DATESTAMP = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}Z)?$/;

/** Zenodo, or a server of its kind, over one of its two protocols. Ids are the same over both. @throws CONFIG_INVALID */
export function createZenodoRepository(options: ZenodoRepositoryOptions): RepositoryAdapter {
  const id = parseRepositoryId(options.id ?? 'zenodo');
  const baseUrl = parseBaseUrl(options.baseUrl ?? 'https://zenodo.org', 'baseUrl');
  const homepageUrl = parseBaseUrl(options.homepageUrl ?? 'https://zenodo.org', 'homepageUrl');
  const { clock, set, token } = options;
  const window = options.protocol === 'oai-pmh' ? parseWindow(options) : undefined;
  const pageSize = parsePageSize(options);
  const client = createSourceClient({ source: id, token, tokenOrigin: new URL(baseUrl).origin, clock });
  const description = {
    id,
    name: options.name ?? 'Zenodo',
    description: 'Open repository for every kind of research output, run by CERN.',
    homepageUrl,
  };
  if (window !== undefined) {
    const endpointUrl = `${baseUrl}${options.endpointPath ?? '/oai2d'}`;
    const { metadataPrefix } = options;
    return createOaiRepository({ description, homepageUrl, endpointUrl, client, metadataPrefix, set, ...window });
  }
  const { query, sort, parameters = {} } = options;
  return createRestRepository({ description, homepageUrl, baseUrl, client, pageSize, query, set, sort, parameters });
}

function parseBaseUrl(url: string, option: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw invalid(`${option} must be a web address`);
  return url.replace(/\/+$/, '');
}

function parsePageSize({ pageSize, token }: ZenodoRepositoryOptions): number {
  const maximum = token === undefined ? GUEST_PAGE_SIZE : TOKEN_PAGE_SIZE;
  const size = pageSize ?? maximum;
  if (!Number.isInteger(size) || size < 1 || size > maximum) {
    throw invalid(
      `pageSize must be a whole number from 1 to ${maximum}${token === undefined ? ' without a token' : ''}`,
    );
  }
  return size;
}

function parseWindow({ from, until, windowRecords = DEFAULT_WINDOW_RECORDS }: ZenodoRepositoryOptions) {
  if (!Number.isInteger(windowRecords) || windowRecords < 0 || windowRecords > DEFAULT_WINDOW_RECORDS) {
    throw invalid(`windowRecords must be a whole number from 0 to ${DEFAULT_WINDOW_RECORDS}`);
  }
  for (const datestamp of [from, until]) {
    if (datestamp !== undefined && (!DATESTAMP.test(datestamp) || Number.isNaN(Date.parse(datestamp)))) {
      throw invalid('from and until must be like 2026-04-01 or 2026-04-01T00:00:00Z');
    }
  }
  // One harvest never mixes granularities (OAI-PMH 2.0 §2.7.1); windows are cut to the second.
  const precise = windowRecords > 0 || (from !== undefined && until !== undefined && from.length !== until.length);
  const widen = (datestamp: string | undefined, time: string) =>
    precise && datestamp?.length === 10 ? `${datestamp}T${time}Z` : datestamp;
  return { from: widen(from, '00:00:00'), until: widen(until, '23:59:59'), windowRecords };
}

const invalid = (message: string) => new SciclomaticError('CONFIG_INVALID', message);
