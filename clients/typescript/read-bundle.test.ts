import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { nodeCrypto } from '../../core/node-crypto.js';
import { checkBundle, formatBundle, parseBundle } from '../../formats/bundle.js';
import { createPortalApi, type PortalApi, RICH_ID, UNMIRRORED_ID } from '../../test/fakes/portal-api.js';
import { type Client, ClientError, createClient } from './client.js';
import { readBundle } from './read-bundle.js';

const api: PortalApi = createPortalApi(join(import.meta.dirname, '..', '..'));
const client: Client = createClient({
  url: 'http://test/',
  fetch: async (_url, init) => Response.json(await api.answer(JSON.parse(String(init?.body)))),
});

describe('readBundle', () => {
  it('gathers what verifies offline, every page of records', async () => {
    const bundle = await readBundle(client, RICH_ID);
    expect(bundle.records).toHaveLength(12);
    expect(parseBundle(formatBundle(bundle))).toEqual(bundle);
    const report = checkBundle(bundle, nodeCrypto, { trustedLogKey: api.evidence.log.verifierKey });
    expect(report.checks.filter(({ error }) => error !== null)).toEqual([]);
    expect(report.checks).toHaveLength(15);
  });

  it.each([
    ['does not exist', 'aws:nope'],
    ['is not in the swarm', UNMIRRORED_ID],
  ])('throws NOT_FOUND for a dataset that %s', async (_name, id) => {
    const thrown: unknown = await readBundle(client, id).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ClientError);
    expect((thrown as ClientError).code).toBe('NOT_FOUND');
  });
});
