import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SciclomaticError } from '../../../core/errors.js';
import type { GrpcServer } from '../../../core/grpc-server.js';
import { parseInstitutionId } from '../../../core/ids.js';
import { silentLogger } from '../../../core/log.js';
import { createSigningKey } from '../../../core/node-crypto.js';
import { createTestCall } from '../../../core/test-call.js';
import { encodeProvenanceEntry } from '../../../formats/provenance-entry.js';
import type { Directory, DirectoryEntry, DirectoryState } from '../../directory.js';
import type { Ledger } from '../contract.js';
import { createMemoryLedger } from '../memory/memory-ledger.js';
import { startFakeLedgerServer } from './fake-ledger-server.fixture.js';
import { createLedgerClient } from './ledger-client.js';
import { createProvenanceOutbox, type ProvenanceOutbox } from './provenance-outbox.js';

const key = createSigningKey();
let dir: string;
let ledger: Ledger;
let listed: DirectoryEntry[];
let servers: GrpcServer[];
let outboxes: ProvenanceOutbox[];
const directory: Directory = { listAdapters: () => Promise.resolve(listed), close: () => Promise.resolve() };

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'outbox-'));
  ledger = await createMemoryLedger({ origin: 'institution.example/log', key });
  listed = [];
  servers = [];
  outboxes = [];
});

afterEach(async () => {
  for (const outbox of outboxes) await outbox.close();
  for (const server of servers) await server.close();
  await rm(dir, { recursive: true });
});

async function serve(port = 0, of: Ledger = ledger): Promise<GrpcServer> {
  const server = await startFakeLedgerServer(of, port);
  servers.push(server);
  return server;
}

function describeLedger(address: string, state: DirectoryState = 'HEALTHY', institution = 'a'): DirectoryEntry {
  return {
    id: `${institution}-log`,
    kind: 'LEDGER',
    institution: { id: parseInstitutionId(institution), name: institution, publicKey: key.publicKey },
    address,
    supports: [],
    name: '',
    description: '',
    state,
    reason: '',
    lastSeenAtMs: 0,
  };
}

function openOutbox(): ProvenanceOutbox {
  const outbox = createProvenanceOutbox({ dir, directory, log: silentLogger, intervalMs: 20 });
  outboxes.push(outbox);
  return outbox;
}

function createEntry(entity: string): Uint8Array {
  const at = '2026-01-31T12:00:00.000Z';
  const facts = { activity: 'SUBMIT', entity, agent: 'a', used: [], generated: [], detail: {} } as const;
  return encodeProvenanceEntry({ format: 'sciclomatic-provenance/1', startedAt: at, endedAt: at, ...facts }, key);
}

async function readLog(): Promise<Uint8Array[]> {
  const call = createTestCall();
  return ledger.readEntries(0, await ledger.readSize(call), call);
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('The condition did not come true');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const entries = ['sc:1', 'sc:2', 'sc:3'].map(createEntry);

describe('provenance outbox', () => {
  it('keeps entries while the ledger is down and delivers each once, in order, when it is there', async () => {
    const outbox = openOutbox();
    for (const entry of entries) await outbox.add(entry);
    await outbox.flush();
    expect(outbox.readCount()).toBe(3);
    // Registered, and nobody listens: still nothing is lost.
    const { address, port } = await serve();
    await servers[0]?.close();
    listed = [describeLedger(address)];
    await outbox.flush();
    expect(outbox.readCount()).toBe(3);
    await serve(port);
    await until(() => outbox.readCount() === 0);
    expect(await readLog()).toEqual(entries);
  });

  it('survives its own process', async () => {
    const first = openOutbox();
    for (const entry of entries) await first.add(entry);
    await first.close();
    listed = [describeLedger((await serve()).address)];
    const second = openOutbox();
    await until(() => second.readCount() === 0);
    expect(await readLog()).toEqual(entries);
  });

  it('delivers again what a crash left delivered and not removed, and the log has it once', async () => {
    let cut = true;
    // The ledger appends; the answer is lost on its way, as when the caller crashes before it removes the entries.
    const cutting: Ledger = {
      ...ledger,
      append: async (appended, call) => {
        const indexes = await ledger.append(appended, call);
        if (cut) throw new SciclomaticError('SOURCE_UNAVAILABLE', 'The connection is cut');
        return indexes;
      },
    };
    listed = [describeLedger((await serve(0, cutting)).address)];
    const outbox = openOutbox();
    for (const entry of entries) await outbox.add(entry);
    await outbox.flush();
    expect(outbox.readCount()).toBe(3);
    expect(await readLog()).toEqual(entries);
    cut = false;
    await until(() => outbox.readCount() === 0);
    expect(await readLog()).toEqual(entries);
  });

  it('refuses what the log would refuse, so that nothing waits behind it', async () => {
    const outbox = openOutbox();
    const text = Buffer.from(createEntry('sc:1')).toString();
    const forged = text.replace(/"signature":"(.)/, (_, c: string) => `"signature":"${c === 'A' ? 'B' : 'A'}`);
    await expect(outbox.add(Buffer.from(forged))).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
    await expect(outbox.add(Buffer.from('{}'))).rejects.toMatchObject({ code: 'SOURCE_INVALID_ANSWER' });
    await expect(outbox.add(Buffer.alloc(65_536))).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(outbox.readCount()).toBe(0);
  });
});

describe('ledger client', () => {
  it('asks the healthy ledger of the institution, and follows one that moves', async () => {
    const other = await createMemoryLedger({ origin: 'other.example/log', key });
    const first = await serve();
    listed = [
      describeLedger('127.0.0.1:1', 'SUSPENDED', 'a'),
      describeLedger((await serve(0, other)).address, 'HEALTHY', 'b'),
      describeLedger(first.address, 'HEALTHY', 'c'),
    ];
    const client = createLedgerClient({ directory, institution: 'c' });
    expect(await client.append(entries.slice(0, 2), createTestCall())).toEqual([0, 1]);
    expect(await other.readSize(createTestCall())).toBe(0);
    await first.close();
    listed = [describeLedger((await serve()).address, 'HEALTHY', 'c')];
    expect(await client.append(entries, createTestCall())).toEqual([0, 1, 2]);
    const read: Uint8Array[] = [];
    for await (const entry of client.readEntries(1, undefined, createTestCall())) read.push(Uint8Array.from(entry));
    expect(read).toEqual(entries.slice(1));
    await client.close();
  });

  it('says which ledgers there are when none is healthy', async () => {
    listed = [describeLedger('127.0.0.1:1', 'SUSPENDED')];
    const client = createLedgerClient({ directory });
    await expect(client.append(entries, createTestCall())).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringContaining('a-log is SUSPENDED'),
    });
    await client.close();
  });
});
