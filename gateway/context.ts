import type { Call } from '../core/call.js';

/** What the gateway knows of one request; goes to every fetch that the request causes. */
export interface GatewayContext {
  readonly call: Call;
  /** Who asks: claim `sub` of the caller token. */
  readonly caller: string;
  /** Origin under which the client reached us, without a slash at the end: links in answers begin with it. */
  readonly publicUrl: string;
}

/** Header that tells subgraphs the public URL. */
export const PUBLIC_URL_HEADER = 'x-sc-public-url';

const HOST = /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/**
 * The origin under which a client reached us.
 * @param configured wins when set: behind a proxy the Host header may be the proxy's own
 * @param host the Host header; from outside, so anything but a host and port is dropped
 * @returns without a slash at the end; empty when unknown
 */
export function readPublicUrl(configured: string | undefined, host: string | null | undefined): string {
  if (configured !== undefined) return configured.replace(/\/+$/, '');
  return host && HOST.test(host) ? `http://${host}` : '';
}
