import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDirectory } from '../../adapters/directory.js';
import { createLedgerClient, type LedgerClient } from '../../adapters/ledger/grpc/ledger-client.js';
import { createMemoryLedger } from '../../adapters/ledger/memory/memory-ledger.js';
import { parseInstitutionId } from '../../core/ids.js';
import { silentLogger } from '../../core/log.js';
import { createSigningKey, nodeCrypto, type SigningKey } from '../../core/node-crypto.js';
import { createTestCall } from '../../core/test-call.js';
import { decodeBase64 } from '../../formats/bytes.js';
import { nobleCrypto } from '../../formats/noble-crypto.js';
import { encodeProvenanceEntry, type ProvenanceEntry, verifyProvenanceEntry } from '../../formats/provenance-entry.js';
import { parseVerifierKey } from '../../formats/tlog/signed-note.js';
import { parseTlogProof, verifyTlogProof } from '../../formats/tlog/tlog-proof.js';
import { AdapterKind } from '../../proto/gen/sciclomatic/registry/v1/registry.js';
import { startFakeRegistry } from './fake-registry.fixture.js';
import { createProvenanceSubgraph, type ProvenanceSubgraph, type ProvenanceSubgraphOptions } from './main.js';

interface ShownRecord {
  readonly id: string;
  readonly activity: string;
  readonly entity: string;
  readonly agent: string;
  readonly recordedAt: string;
  readonly detail: readonly { readonly name: string; readonly value: string }[];
  readonly entryIndex: number;
  readonly entry: string;
  readonly proof: string;
}

interface ShownPage {
  readonly totalCount: number;
  readonly nodes: readonly ShownRecord[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const ORIGIN = 'institution.example/log';
const RECORD = 'id activity entity agent used generated recordedAt detail { name value } entryIndex entry proof';
const PAGE = `query($of: [_Any!]!, $first: Int!, $after: String) { _entities(representations: $of) { ... on Dataset {
  provenance { records(first: $first, after: $after) {
    totalCount nodes { ${RECORD} } pageInfo { hasNextPage endCursor } } } } } }`;

const signingKey = createSigningKey();
let dir: string;
let parts: (ProvenanceSubgraph | LedgerClient)[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'provenance-'));
  parts = [];
});

afterEach(async () => {
  for (const part of parts.toReversed()) await part.close();
  await rm(dir, { recursive: true });
});

async function start(options: Partial<ProvenanceSubgraphOptions> = {}): Promise<ProvenanceSubgraph> {
  const part = await createProvenanceSubgraph({
    dir,
    origin: ORIGIN,
    signingKey,
    institution: { id: parseInstitutionId('institution.example'), name: 'Institution' },
    host: '127.0.0.1',
    port: 0,
    log: silentLogger,
    verifyCaller: () => Promise.resolve(),
    ...options,
  });
  parts.push(part);
  return part;
}

function connect(part: ProvenanceSubgraph): LedgerClient {
  const client = createLedgerClient({ address: part.address });
  parts.push(client);
  return client;
}

let sequence = 0;

function createEntry(facts: Partial<ProvenanceEntry>, key: SigningKey = signingKey): Uint8Array {
  sequence += 1;
  const at = new Date(Date.UTC(2026, 0, 1) + sequence * 1000).toISOString();
  const entry: ProvenanceEntry = {
    format: 'sciclomatic-provenance/1',
    activity: 'SUBMIT',
    entity: 'sc:1',
    agent: 'institution.example',
    used: ['file:a'],
    generated: ['sc:1'],
    startedAt: at,
    endedAt: at,
    detail: { sequence },
    ...facts,
  };
  return encodeProvenanceEntry(entry, key);
}

interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

async function ask<Data>(part: ProvenanceSubgraph, query: string, variables: object = {}): Promise<Answer<Data>> {
  const request = new Request('http://provenance/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return (await (await part.fetch(request)).json()) as Answer<Data>;
}

async function askPage(part: ProvenanceSubgraph, id: string, first = 20, after: string | null = null) {
  const of = [{ __typename: 'Dataset', id }];
  const answer = await ask<{ _entities: [{ provenance: { records: ShownPage } | null }] }>(part, PAGE, {
    of,
    first,
    after,
  });
  return { page: answer.data?._entities[0]?.provenance?.records, code: answer.errors?.[0]?.extensions.code };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('The condition did not come true');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const indexesOf = (page: ShownPage | undefined) => page?.nodes.map(({ entryIndex }) => entryIndex);

describe('provenance subgraph', () => {
  it('tells what was recorded of a dataset, newest first, with its repository’s newest harvest only', async () => {
    const part = await start();
    const client = connect(part);
    const call = createTestCall();
    await client.append(
      [
        createEntry({ activity: 'HARVEST', entity: 'zenodo' }),
        createEntry({ activity: 'MIRROR', entity: 'zenodo:1' }),
        createEntry({ activity: 'MIRROR', entity: 'zenodo:2' }),
        createEntry({ activity: 'HARVEST', entity: 'zenodo', detail: { datasetCount: 937, note: null } }),
        createEntry({ activity: 'HARVEST', entity: 'dataverse' }),
        createEntry({ activity: 'COPY', entity: 'zenodo:1' }),
      ],
      call,
    );
    const { page } = await askPage(part, 'zenodo:1');
    expect(page?.totalCount).toBe(3);
    expect(page?.nodes.map(({ entryIndex, activity }) => [entryIndex, activity])).toEqual([
      [5, 'COPY'],
      [3, 'HARVEST'],
      [1, 'MIRROR'],
    ]);
    expect(page?.nodes[1]).toMatchObject({
      id: `${ORIGIN}/3`,
      entity: 'zenodo',
      agent: 'institution.example',
      detail: [
        { name: 'datasetCount', value: '937' },
        { name: 'note', value: '' },
      ],
    });
    expect(page?.nodes[1]?.recordedAt).toMatch(/^2026-01-01T\d\d:\d\d:\d\d\.000Z$/);
    expect((await askPage(part, 'sc:nothing')).page).toMatchObject({ totalCount: 0, nodes: [] });
  });

  it('gives proofs that verify offline with the log’s key, and with no other', async () => {
    const part = await start();
    const entries = Array.from({ length: 300 }, () => createEntry({ entity: 'sc:1' }));
    const client = connect(part);
    await client.append(entries.slice(0, 256), createTestCall());
    await client.append(entries.slice(256), createTestCall());
    const { page } = await askPage(part, 'sc:1', 300);
    expect(page?.nodes).toHaveLength(300);
    const logKey = parseVerifierKey(part.verifierKey, nobleCrypto);
    for (const record of page?.nodes.filter((_, position) => position % 37 === 0) ?? []) {
      const bytes = decodeBase64(record.entry);
      const checkpoint = verifyTlogProof(parseTlogProof(record.proof), bytes, logKey, nobleCrypto);
      expect(checkpoint).toMatchObject({ origin: ORIGIN, size: 300 });
      expect(verifyProvenanceEntry(bytes, nobleCrypto, [signingKey.publicKey]).entry.entity).toBe('sc:1');
      const other = { ...logKey, publicKey: createSigningKey().publicKey };
      expect(() => verifyTlogProof(parseTlogProof(record.proof), bytes, other, nobleCrypto)).toThrow(
        expect.objectContaining({ code: 'SIGNATURE_INVALID' }),
      );
    }
  });

  it('pages by places that hold for ever', async () => {
    const part = await start();
    const client = connect(part);
    await client.append(
      Array.from({ length: 5 }, () => createEntry({ entity: 'sc:1' })),
      createTestCall(),
    );
    const first = await askPage(part, 'sc:1', 2);
    expect(indexesOf(first.page)).toEqual([4, 3]);
    expect(first.page?.pageInfo.hasNextPage).toBe(true);
    await client.append([createEntry({ entity: 'sc:1' })], createTestCall());
    const second = await askPage(part, 'sc:1', 3, first.page?.pageInfo.endCursor);
    expect(indexesOf(second.page)).toEqual([2, 1, 0]);
    expect(second.page?.pageInfo.hasNextPage).toBe(false);
    expect((await askPage(part, 'sc:1', 0)).page).toMatchObject({ totalCount: 6, nodes: [] });
    expect((await askPage(part, 'sc:1', 2, 'rubbish')).code).toBe('BAD_CURSOR');
    expect((await askPage(part, 'sc:1', 100_000)).code).toBe('LIMIT_EXCEEDED');
    expect((await askPage(part, 'no id')).code).toBe('MALFORMED_ID');
  });

  it('shows the log and single records', async () => {
    const part = await start();
    await connect(part).append([createEntry({ entity: 'sc:1' })], createTestCall());
    const query = `{ log { origin size checkpoint verifierKey } there: provenanceRecord(entryIndex: 0) { ${RECORD} }
      not: provenanceRecord(entryIndex: 1) { id } }`;
    const { data } = await ask<{ log: object; there: ShownRecord; not: null }>(part, query);
    expect(data?.log).toMatchObject({ origin: ORIGIN, size: 1, verifierKey: part.verifierKey });
    expect(data?.there).toMatchObject({ id: `${ORIGIN}/0`, activity: 'SUBMIT', entryIndex: 0 });
    expect(data?.not).toBeNull();
  });

  it('refuses what is forged, malformed or too long, and appends nothing of such a request', async () => {
    const part = await start();
    const client = connect(part);
    const append = (...entries: Uint8Array[]) => client.append(entries, createTestCall());
    const good = createEntry({});
    const text = Buffer.from(good).toString();
    const forged = Buffer.from(
      text.replace(/"signature":"(.)/, (_, c: string) => `"signature":"${c === 'A' ? 'B' : 'A'}`),
    );
    await expect(append(good, forged)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
    // Another key may sign for another institution, and not in the name of this one.
    await expect(append(createEntry({}, createSigningKey()))).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
    await expect(append(Buffer.from('{}'))).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(append(Buffer.from(`${text} `))).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(append()).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(append(Buffer.alloc(65_536, ' '))).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    await expect(append(...Array.from({ length: 257 }, () => good))).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect((await ask<{ log: { size: number } }>(part, '{ log { size } }')).data?.log.size).toBe(0);
    const foreign = createEntry({ agent: 'elsewhere.example' }, createSigningKey());
    expect(await append(good, foreign, good)).toEqual([0, 1, 0]);
  });

  it('streams entries and the checkpoint over gRPC', async () => {
    const part = await start();
    const client = connect(part);
    const entries = Array.from({ length: 4 }, () => createEntry({}));
    await client.append(entries, createTestCall());
    const read = async (from: number, to?: number) => {
      const found: Uint8Array[] = [];
      for await (const entry of client.readEntries(from, to, createTestCall())) found.push(Uint8Array.from(entry));
      return found;
    };
    expect(await read(0)).toEqual(entries);
    expect(await read(1, 3)).toEqual(entries.slice(1, 3));
    expect(await read(2, 2)).toEqual([]);
    expect(await read(4)).toEqual([]);
    await expect(read(0, 5)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    const { checkpoint, verifierKey } = await client.readCheckpoint(createTestCall());
    expect(checkpoint.split('\n').slice(0, 2)).toEqual([ORIGIN, '4']);
    expect(parseVerifierKey(verifierKey, nodeCrypto).publicKey).toEqual(signingKey.publicKey);
  });

  it('keeps the log over a restart, and builds a lost index anew from it', async () => {
    const first = await start();
    await connect(first).append([createEntry({ entity: 'sc:1' }), createEntry({ entity: 'sc:2' })], createTestCall());
    const before = (await askPage(first, 'sc:1')).page;
    await first.close();
    await rm(join(dir, 'index'), { recursive: true });
    const second = await start();
    expect((await askPage(second, 'sc:1')).page).toEqual(before);
  });

  it('does not believe an index of another log', async () => {
    const openLedger = () => createMemoryLedger({ origin: ORIGIN, key: signingKey });
    const first = await start({ ledger: await openLedger() });
    const entries = ['sc:1', 'sc:1', 'sc:2'].map((entity) => createEntry({ entity }));
    await connect(first).append(entries, createTestCall());
    expect((await askPage(first, 'sc:1')).page?.totalCount).toBe(2);
    await first.close();
    // The memory ledger begins empty: what the index says is no longer true.
    const second = await start({ ledger: await openLedger() });
    expect((await askPage(second, 'sc:1')).page?.totalCount).toBe(0);
    await connect(second).append(
      ['sc:2', 'sc:2', 'sc:1', 'sc:2'].map((entity) => createEntry({ entity })),
      createTestCall(),
    );
    expect(indexesOf((await askPage(second, 'sc:1')).page)).toEqual([2]);
  });

  it('passes over an entry that is none of ours', async () => {
    const ledger = await createMemoryLedger({ origin: ORIGIN, key: signingKey });
    await ledger.append([Buffer.from('something else'), createEntry({ entity: 'sc:1' })], createTestCall());
    const part = await start({ ledger });
    expect(indexesOf((await askPage(part, 'sc:1')).page)).toEqual([1]);
    const { data } = await ask<{ provenanceRecord: null }>(part, '{ provenanceRecord(entryIndex: 0) { id } }');
    expect(data?.provenanceRecord).toBeNull();
  });

  it('registers as a ledger, is found there, and lets nobody speak for an institution whose key is registered', async () => {
    const registry = await startFakeRegistry();
    const elsewhere = createSigningKey();
    registry.adapters.set('elsewhere-peer', {
      id: 'elsewhere-peer',
      kind: AdapterKind.ADAPTER_KIND_STORAGE_PEER,
      institution: { id: 'elsewhere.example', name: 'Elsewhere', publicKey: elsewhere.publicKey },
      address: '127.0.0.1:1',
      supports: [],
      name: '',
      description: '',
    });
    const part = await start({ registryAddress: registry.address });
    const directory = createDirectory(registry.address);
    try {
      await until(() => registry.adapters.has('institution.example-log'));
      const client = createLedgerClient({ directory });
      parts.push(client);
      const forged = createEntry({ agent: 'elsewhere.example' }, createSigningKey());
      await expect(client.append([forged], createTestCall())).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
      const own = createEntry({ agent: 'elsewhere.example' }, elsewhere);
      expect(await client.append([own], createTestCall())).toEqual([0]);
      await part.close();
      expect(registry.adapters.has('institution.example-log')).toBe(false);
    } finally {
      await directory.close();
      await registry.close();
    }
  });

  it('closes what it opened when its port is taken', async () => {
    const first = await start({ dir: join(dir, 'first') });
    const port = Number(first.address.split(':')[1]);
    const second = { dir: join(dir, 'second') };
    await expect(start({ ...second, port })).rejects.toMatchObject({ code: 'CONFLICT' });
    // The log is locked by whoever has it open: it opens only when the failed start let go of it.
    expect((await start(second)).address).not.toBe(first.address);
  });

  it('refuses a second process on the same log', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
