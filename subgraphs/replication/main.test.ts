// over 500 lines: the stories of one auditor and of two share one swarm of fake peers and its questions
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Directory, DirectoryEntry } from '../../adapters/directory.js';
import { SciclomaticError } from '../../core/errors.js';
import { parseInstitutionId } from '../../core/ids.js';
import { silentLogger } from '../../core/log.js';
import { createSigningKey, nodeCrypto } from '../../core/node-crypto.js';
import { hexBlake3 } from '../../core/node-hashes.js';
import { type ProvenanceEntry, verifyProvenanceEntry } from '../../formats/provenance-entry.js';
import { createFakeDataset } from './fake-dataset.fixture.js';
import { type FakeStoragePeer, startFakeStoragePeer } from './fake-storage-peer.fixture.js';
import { createReplicationSubgraph, type ReplicationSubgraph, type ReplicationSubgraphOptions } from './main.js';

interface Health {
  readonly state: string;
  readonly reason: string;
  readonly requiredCopies: number;
  readonly missingCopies: number;
  readonly lastAuditedAt: string | null;
  readonly copies: readonly {
    readonly institution: { readonly id: string };
    readonly peer: { readonly id: string };
    readonly state: string;
    readonly reason: string;
    readonly heldChunkCount: number | null;
    readonly totalChunkCount: number;
    readonly lastAuditedAt: string | null;
  }[];
}

const HEALTH = `state reason requiredCopies missingCopies lastAuditedAt
  copies { institution { id } peer { id } state reason heldChunkCount totalChunkCount lastAuditedAt }`;

const AUDIT = `mutation($id: ID!) { auditDataset(input: { datasetId: $id }) { dataset { id health { ${HEALTH} } } } }`;

/** Rounds and looks begin only when a test asks for them. */
const NEVER_MS = 3_600_000;

const signingKey = createSigningKey();
let dir: string;
let swarm: Map<string, FakeStoragePeer>;
let listed: DirectoryEntry[];
let recorded: ProvenanceEntry[];
let nowMs: number;
let parts: ReplicationSubgraph[];
let directory: Directory;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'replication-'));
  swarm = new Map();
  listed = [];
  recorded = [];
  nowMs = Date.parse('2026-03-01T12:00:00.000Z');
  parts = [];
  directory = { listAdapters: () => Promise.resolve(listed), close: () => Promise.resolve() };
});

afterEach(async () => {
  for (const part of parts) await part.close();
  await Promise.all([...swarm.values()].map((peer) => peer.stop()));
  await rm(dir, { recursive: true });
});

async function joinSwarm(institution: string, id = `${institution}-peer`): Promise<FakeStoragePeer> {
  const peer = await startFakeStoragePeer(institution, id, swarm);
  listed = [...listed, peer.describe()];
  return peer;
}

async function start(options: Partial<ReplicationSubgraphOptions> = {}): Promise<ReplicationSubgraph> {
  const part = await createReplicationSubgraph({
    dir,
    institution: { id: parseInstitutionId('auditor.example') },
    signingKey,
    directory,
    recordProvenance: (entry) => {
      recorded.push(verifyProvenanceEntry(entry, nodeCrypto, [signingKey.publicKey]).entry);
      return Promise.resolve();
    },
    auditIntervalMs: NEVER_MS,
    watchIntervalMs: NEVER_MS,
    log: silentLogger,
    verifyCaller: () => Promise.resolve(),
    now: () => nowMs,
    ...options,
  });
  parts.push(part);
  return part;
}

interface Answer<Data> {
  readonly data?: Data;
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

async function ask<Data>(part: ReplicationSubgraph, query: string, variables: object): Promise<Answer<Data>> {
  const request = new Request('http://replication/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return (await (await part.fetch(request)).json()) as Answer<Data>;
}

async function readHealth(part: ReplicationSubgraph, id: string): Promise<Health | null> {
  const query = `query($of: [_Any!]!) { _entities(representations: $of) { ... on Dataset { health { ${HEALTH} } } } }`;
  const of = [{ __typename: 'Dataset', id }];
  const { data } = await ask<{ _entities: [{ health: Health | null }] }>(part, query, { of });
  return data?._entities[0].health ?? null;
}

const statesOf = (health: Health | null) =>
  Object.fromEntries((health?.copies ?? []).map(({ peer, state }) => [peer.id, state]));

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('The condition did not come true');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('replication subgraph', () => {
  it('copies a new dataset to as many institutions as required, and says so in the log', async () => {
    const [a] = [await joinSwarm('a'), await joinSwarm('b'), await joinSwarm('c')];
    const part = await start({ watchIntervalMs: 50 });
    const dataset = createFakeDataset('new', 5);
    a.add(dataset);
    await until(async () => (await readHealth(part, dataset.id))?.state === 'OK');
    const health = await readHealth(part, dataset.id);
    expect(health).toMatchObject({ requiredCopies: 3, missingCopies: 0, lastAuditedAt: new Date(nowMs).toISOString() });
    expect(health?.copies.map(({ institution, state }) => [institution.id, state])).toEqual([
      ['a', 'AVAILABLE'],
      ['b', 'AVAILABLE'],
      ['c', 'AVAILABLE'],
    ]);
    expect(health?.copies.every((copy) => copy.heldChunkCount === 5 && copy.totalChunkCount === 5)).toBe(true);
    await until(() => recorded.length >= 3);
    expect(recorded.map(({ activity }) => activity)).toEqual(['COPY', 'COPY', 'AUDIT']);
    expect(recorded.every(({ entity, agent }) => entity === dataset.id && agent === 'auditor.example')).toBe(true);
    expect(new Set(recorded.slice(0, 2).map(({ detail }) => detail.to))).toEqual(new Set(['b-peer', 'c-peer']));
    expect(recorded[2]?.detail).toMatchObject({ health: 'OK', missingCopies: 0, 'copy.c-peer': 'AVAILABLE' });
  });

  it('knows nothing of a dataset that no peer holds', async () => {
    const part = await start();
    expect(await readHealth(part, 'zenodo:1')).toBeNull();
  });

  it('says that a killed peer is silent, has another institution take over, and welcomes it back', async () => {
    const [a, b, c] = [await joinSwarm('a'), await joinSwarm('b'), await joinSwarm('c')];
    const dataset = createFakeDataset('killed', 4);
    a.add(dataset);
    const part = await start();
    await part.wake();
    expect((await readHealth(part, dataset.id))?.state).toBe('OK');

    await c.stop();
    nowMs += 1000;
    await part.wake();
    const degraded = await readHealth(part, dataset.id);
    expect(degraded).toMatchObject({ state: 'STUCK', missingCopies: 1 });
    expect(degraded?.reason).toContain('no other institution');
    expect(degraded?.copies.find(({ peer }) => peer.id === c.id)).toMatchObject({
      state: 'TEMPORARY_UNAVAILABLE',
      heldChunkCount: null,
      lastAuditedAt: new Date(nowMs - 1000).toISOString(),
    });

    // It may only be restarting: nothing is copied for ten minutes, and then at the next look.
    const d = await joinSwarm('d');
    nowMs += 598_999;
    await part.wake();
    expect(await readHealth(part, dataset.id)).toMatchObject({
      state: 'REPLICATING',
      missingCopies: 1,
      reason: expect.stringContaining('c-peer is silent and may come back'),
    });
    expect(d.calls.pullDataset).toBe(0);
    nowMs += 1001;
    await part.wake();
    const repaired = await readHealth(part, dataset.id);
    expect(repaired).toMatchObject({ state: 'OK', missingCopies: 0 });
    expect(statesOf(repaired)).toEqual({
      [a.id]: 'AVAILABLE',
      [b.id]: 'AVAILABLE',
      [c.id]: 'TEMPORARY_UNAVAILABLE',
      [d.id]: 'AVAILABLE',
    });

    await c.start();
    await until(async () => {
      await part.wake();
      return statesOf(await readHealth(part, dataset.id))[c.id] === 'AVAILABLE';
    });
  });

  it('has a copy made elsewhere at the look after a silent peer had its time, without waiting for a round', async () => {
    const peers = [await joinSwarm('a'), await joinSwarm('b'), await joinSwarm('c'), await joinSwarm('d')];
    const dataset = createFakeDataset('waited for', 4);
    for (const peer of peers.slice(0, 3)) peer.add(dataset);
    const part = await start({ watchIntervalMs: 20, silentPeerGraceMs: 60_000 });
    await until(async () => (await readHealth(part, dataset.id))?.state === 'OK');
    await peers[2]?.stop();
    await ask(part, AUDIT, { id: dataset.id });
    expect(await readHealth(part, dataset.id)).toMatchObject({ state: 'REPLICATING', missingCopies: 1 });
    nowMs += 60_000;
    await until(async () => (await readHealth(part, dataset.id))?.state === 'OK');
    expect(peers[3]?.calls.pullDataset).toBe(1);
  });

  it('does not audit again with every look what only a change in the swarm can mend', async () => {
    const [a, b] = [await joinSwarm('a'), await joinSwarm('b')];
    const dataset = createFakeDataset('nobody to take it', 2);
    a.add(dataset);
    b.faults.pullError = new SciclomaticError('STORAGE_FULL', 'quota reached');
    let lookCount = 0;
    const listAdapters: Directory['listAdapters'] = () => {
      lookCount += 1;
      return Promise.resolve(listed);
    };
    const part = await start({ requiredCopies: 2, watchIntervalMs: 20, directory: { ...directory, listAdapters } });
    await until(async () => (await readHealth(part, dataset.id))?.state === 'STUCK');
    await b.stop();
    nowMs += 5000;
    // The second try is due, and there is nobody to try it with.
    await until(async () => (await readHealth(part, dataset.id))?.reason.includes('no other institution') === true);
    const before = { hasChunks: a.calls.hasChunks, lookCount };
    await until(() => lookCount >= before.lookCount + 10);
    expect(a.calls.hasChunks - before.hasChunks).toBeLessThanOrEqual(1);
  });

  it('calls a liar BAD, although it says that it holds everything', async () => {
    const [a, b, liar] = [await joinSwarm('a'), await joinSwarm('b'), await joinSwarm('c')];
    const dataset = createFakeDataset('lied about', 3);
    for (const peer of [a, b, liar]) peer.add(dataset);
    liar.faults.liesHeld = true;
    const part = await start();
    await part.wake();
    const health = await readHealth(part, dataset.id);
    expect(statesOf(health)).toEqual({ [a.id]: 'AVAILABLE', [b.id]: 'AVAILABLE', [liar.id]: 'BAD' });
    expect(health).toMatchObject({ state: 'STUCK', missingCopies: 1 });
    expect(health?.reason).toContain('answered wrongly');
  });

  it('finds a damaged chunk and has it fetched again', async () => {
    const [a, b, c] = [await joinSwarm('a'), await joinSwarm('b'), await joinSwarm('c')];
    const dataset = createFakeDataset('damaged', 6);
    for (const peer of [a, b, c]) peer.add(dataset);
    // Two copies are enough at first, so that nothing is repaired while the damage is looked at.
    const lenient = await start({ requiredCopies: 2 });
    await lenient.wake();
    const damaged = hexBlake3(dataset.chunks[2] ?? Buffer.alloc(0));
    c.chunks.set(damaged, Buffer.from('rotten'));
    await lenient.wake();
    const bad = await readHealth(lenient, dataset.id);
    expect(bad?.copies.find(({ peer }) => peer.id === c.id)).toMatchObject({
      state: 'BAD',
      reason: '1 of 6 challenged chunks are damaged on its disk',
    });
    await lenient.close();
    const strict = await start({ requiredCopies: 3 });
    await strict.wake();
    expect((await readHealth(strict, dataset.id))?.state).toBe('OK');
    expect(c.chunks.get(damaged)).toEqual(dataset.chunks[2]);
    expect(recorded.filter(({ activity }) => activity === 'COPY').map(({ detail }) => detail.to)).toEqual([c.id]);
  });

  it('tells the log of the damage and why, before the copy that mends it', async () => {
    const [a, b, c] = [await joinSwarm('a'), await joinSwarm('b'), await joinSwarm('c')];
    const dataset = createFakeDataset('damaged and mended', 6);
    for (const peer of [a, b, c]) peer.add(dataset);
    const part = await start();
    await part.wake();
    c.chunks.set(hexBlake3(dataset.chunks[2] ?? Buffer.alloc(0)), Buffer.from('rotten'));
    await part.wake();
    expect(recorded.map(({ activity }) => activity)).toEqual(['AUDIT', 'AUDIT', 'COPY', 'AUDIT']);
    expect(recorded[1]?.detail).toEqual({
      health: 'REPLICATING',
      missingCopies: 1,
      'copy.a-peer': 'AVAILABLE',
      'copy.b-peer': 'AVAILABLE',
      'copy.c-peer': 'BAD',
      'reason.c-peer': '1 of 6 challenged chunks are damaged on its disk',
    });
    expect(recorded[2]?.detail).toMatchObject({ to: c.id });
    expect(recorded[3]?.detail).toMatchObject({ health: 'OK', 'copy.c-peer': 'AVAILABLE' });
    await part.wake();
    expect(recorded).toHaveLength(4);
  });

  it('tells the log of a copy that was bad when it was first audited', async () => {
    const [a, liar] = [await joinSwarm('a'), await joinSwarm('b')];
    const dataset = createFakeDataset('bad from the beginning', 2);
    for (const peer of [a, liar]) peer.add(dataset);
    await joinSwarm('c');
    liar.faults.liesHeld = true;
    const part = await start({ requiredCopies: 2 });
    await part.wake();
    expect(recorded.map(({ activity, detail }) => [activity, detail['copy.b-peer']])).toEqual([
      ['AUDIT', 'BAD'],
      ['COPY', undefined],
      ['AUDIT', 'BAD'],
    ]);
  });

  it('waits longer after each failed pull, says why, and takes another institution first', async () => {
    const [a, b] = [await joinSwarm('a'), await joinSwarm('b')];
    const dataset = createFakeDataset('refused', 2);
    a.add(dataset);
    b.faults.pullError = new SciclomaticError('STORAGE_FULL', 'quota reached');
    const part = await start({ requiredCopies: 2 });
    await part.wake();
    expect(b.calls.pullDataset).toBe(1);
    expect(await readHealth(part, dataset.id)).toMatchObject({ state: 'STUCK', missingCopies: 1 });
    await part.wake();
    expect(b.calls.pullDataset).toBe(1);
    nowMs += 5000;
    await part.wake();
    expect(b.calls.pullDataset).toBe(2);
    nowMs += 5000;
    await part.wake();
    expect(b.calls.pullDataset).toBe(2);
    const c = await joinSwarm('c');
    await part.wake();
    expect(statesOf(await readHealth(part, dataset.id))).toEqual({ [a.id]: 'AVAILABLE', [c.id]: 'AVAILABLE' });
  });

  it('has those copy that have room, and no full one while there are others', async () => {
    const peers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((institution) => joinSwarm(institution)));
    const dataset = createFakeDataset('roomy', 2);
    const [a, ...others] = peers;
    a?.add(dataset);
    for (const [place, peer] of others.entries()) peer.faults.freeBytes = place < 2 ? 1_000_000n : 2_097_152n;
    const part = await start({ requiredCopies: 3 });
    await part.wake();
    expect(others.map(({ calls }) => calls.pullDataset)).toEqual([0, 0, 1, 1]);
    expect(await readHealth(part, dataset.id)).toMatchObject({ state: 'OK' });
  });

  it('counts two copies at one institution once', async () => {
    const [a1, a2] = [await joinSwarm('a', 'a-1'), await joinSwarm('a', 'a-2')];
    const dataset = createFakeDataset('twice', 2);
    for (const peer of [a1, a2]) peer.add(dataset);
    const part = await start({ requiredCopies: 2 });
    await part.wake();
    expect(await readHealth(part, dataset.id)).toMatchObject({ state: 'STUCK', missingCopies: 1 });
    expect(a1.calls.pullDataset + a2.calls.pullDataset).toBe(0);
  });

  it('says LOST only when nobody who had it is silent', async () => {
    const [a, b] = [await joinSwarm('a'), await joinSwarm('b')];
    const dataset = createFakeDataset('lost', 3);
    for (const peer of [a, b]) peer.add(dataset);
    const part = await start();
    await part.wake();
    await a.stop();
    b.chunks.clear();
    await part.wake();
    expect(await readHealth(part, dataset.id)).toMatchObject({ state: 'STUCK', missingCopies: 3 });
    await a.start();
    a.chunks.delete(hexBlake3(dataset.chunks[0] ?? Buffer.alloc(0)));
    await until(async () => {
      await part.wake();
      return (await readHealth(part, dataset.id))?.state === 'LOST';
    });
    expect(statesOf(await readHealth(part, dataset.id))).toEqual({ [a.id]: 'UNAVAILABLE', [b.id]: 'UNAVAILABLE' });
    expect(recorded.at(-1)).toMatchObject({ activity: 'AUDIT', detail: { health: 'LOST' } });
  });

  it('serves what it last knew after a restart, before anybody answered', async () => {
    const peers = [await joinSwarm('a'), await joinSwarm('b'), await joinSwarm('c')];
    const dataset = createFakeDataset('kept', 3);
    for (const peer of peers) peer.add(dataset);
    const first = await start();
    await first.wake();
    await first.close();
    let release: () => void = () => undefined;
    const never = new Promise<readonly DirectoryEntry[]>((resolve) => {
      release = () => resolve([]);
    });
    const second = await start({ directory: { ...directory, listAdapters: () => never } });
    expect(await readHealth(second, dataset.id)).toMatchObject({
      state: 'OK',
      lastAuditedAt: new Date(nowMs).toISOString(),
    });
    const { data } = await ask<{ auditor: object }>(
      second,
      '{ auditor { datasetCount degradedCount lastRoundAt } }',
      {},
    );
    expect(data?.auditor).toEqual({ datasetCount: 1, degradedCount: 0, lastRoundAt: new Date(nowMs).toISOString() });
    release();
  });

  it('audits on demand, and refuses what is no id or not held', async () => {
    const [a] = [await joinSwarm('a')];
    const dataset = createFakeDataset('on demand', 2);
    a.add(dataset);
    const part = await start({ requiredCopies: 1 });
    await part.wake();
    a.faults.saysMissing = true;
    const { data } = await ask<{ auditDataset: { dataset: { health: Health } } }>(part, AUDIT, { id: dataset.id });
    expect(data?.auditDataset.dataset.health.state).toBe('LOST');
    const codeOf = async (id: string) => (await ask(part, AUDIT, { id })).errors?.[0]?.extensions.code;
    expect(await codeOf('zenodo:404')).toBe('NOT_FOUND');
    expect(await codeOf('no id')).toBe('MALFORMED_ID');
  });

  it('tells the log of an unchanged result once a day', async () => {
    const [a] = [await joinSwarm('a')];
    a.add(createFakeDataset('daily', 1));
    const part = await start({ requiredCopies: 1 });
    for (let round = 0; round < 3; round += 1) await part.wake();
    expect(recorded.map(({ activity }) => activity)).toEqual(['AUDIT']);
    nowMs += 86_400_000;
    await part.wake();
    expect(recorded).toHaveLength(2);
  });

  it('tells the log later what it could not be told', async () => {
    const [a] = [await joinSwarm('a')];
    await joinSwarm('b');
    a.add(createFakeDataset('late', 1));
    let broken = true;
    const part = await start({
      requiredCopies: 2,
      recordProvenance: (entry) => {
        if (broken) return Promise.reject(new SciclomaticError('STORAGE_FULL', 'no space left'));
        recorded.push(verifyProvenanceEntry(entry, nodeCrypto).entry);
        return Promise.resolve();
      },
    });
    await part.wake();
    broken = false;
    await part.wake();
    expect(recorded.map(({ activity }) => activity)).toEqual(['COPY', 'AUDIT']);
  });

  it('asks once for many datasets', async () => {
    const [a, b] = [await joinSwarm('a'), await joinSwarm('b')];
    for (let index = 0; index < 150; index += 1) {
      const dataset = createFakeDataset(`one of many ${index}`, 2);
      for (const peer of [a, b]) peer.add(dataset);
    }
    const part = await start({ requiredCopies: 2 });
    await part.wake();
    const before = { ...a.calls };
    await part.wake();
    expect(a.calls.hasChunks - before.hasChunks).toBeLessThanOrEqual(3);
    expect(a.calls.challenge - before.challenge).toBeLessThanOrEqual(3);
    const { data } = await ask<{ auditor: object }>(part, '{ auditor { datasetCount degradedCount } }', {});
    expect(data?.auditor).toEqual({ datasetCount: 150, degradedCount: 0 });
  });

  it('reads a peer from the beginning when it counts anew, and passes over manifests that do not verify', async () => {
    const [a] = [await joinSwarm('a')];
    a.faults.sequenceOffset = 10;
    a.add(createFakeDataset('old', 1));
    const part = await start({ requiredCopies: 1 });
    await part.wake();
    a.faults.sequenceOffset = 0;
    const forged = createFakeDataset('forged', 1);
    const text = Buffer.from(forged.signed.signedRecordJson).toString().replace('"signature":"', '"signature":"AAAA');
    const fresh = createFakeDataset('fresh', 1);
    a.manifests = [];
    a.add({ ...forged, signed: { ...forged.signed, signedRecordJson: Buffer.from(text) } });
    a.add(fresh);
    await until(async () => {
      await part.wake();
      return (await readHealth(part, fresh.id))?.state === 'OK';
    });
    expect(await readHealth(part, forged.id)).toBeNull();
  });

  it('follows the newest manifest of a mirrored dataset', async () => {
    const [a] = [await joinSwarm('a')];
    const datasetId = 'zenodo:10.5281/zenodo.1';
    a.add(createFakeDataset('second version', 3, { datasetId, createdAt: '2026-02-02T00:00:00.000Z' }));
    a.add(createFakeDataset('first version', 1, { datasetId, createdAt: '2026-02-01T00:00:00.000Z' }));
    const part = await start({ requiredCopies: 1 });
    await part.wake();
    expect((await readHealth(part, datasetId))?.copies[0]).toMatchObject({ totalChunkCount: 3, state: 'AVAILABLE' });
  });

  it('holds a dataset without bytes', async () => {
    const [a] = [await joinSwarm('a')];
    const dataset = createFakeDataset('empty', 0);
    a.add(dataset);
    const part = await start({ requiredCopies: 1 });
    await part.wake();
    expect(await readHealth(part, dataset.id)).toMatchObject({ state: 'OK' });
  });
});

describe('two auditors of two institutions over the same peers', () => {
  let peers: FakeStoragePeer[];
  let auditors: ReplicationSubgraph[];
  const dataset = createFakeDataset('watched twice', 6);
  const listHolders = () => peers.filter(({ chunks }) => chunks.size === dataset.chunks.length).map(({ id }) => id);
  const countPulls = () => peers.reduce((sum, { calls }) => sum + calls.pullDataset, 0);
  const readStates = () => Promise.all(auditors.map(async (part) => (await readHealth(part, dataset.id))?.state));
  const wakeBoth = () => Promise.all(auditors.map((part) => part.wake()));
  const listTold = (agent: string) => recorded.filter((entry) => entry.agent === agent).map(({ activity }) => activity);

  beforeEach(async () => {
    peers = [];
    for (const institution of ['a', 'b', 'c', 'd', 'e']) peers.push(await joinSwarm(institution));
    auditors = await Promise.all(
      ['north.example', 'south.example'].map((name) =>
        start({ dir: join(dir, name), institution: { id: parseInstitutionId(name) } }),
      ),
    );
    peers[0]?.add(dataset);
  });

  it('choose the same peers for a new dataset, and then leave it alone', async () => {
    await wakeBoth();
    expect(await readStates()).toEqual(['OK', 'OK']);
    expect(listHolders()).toHaveLength(3);
    // Each asks each of the two peers at most once.
    expect(countPulls()).toBeLessThanOrEqual(4);
    const before = { pulls: countPulls(), told: recorded.length };
    for (let round = 0; round < 5; round += 1) await wakeBoth();
    expect({ pulls: countPulls(), told: recorded.length }).toEqual(before);
  });

  it('mend damage where it is, and each tells its own log of it', async () => {
    await wakeBoth();
    const damaged = peers.find(({ id, chunks }) => id !== 'a-peer' && chunks.size > 0);
    const [chunkId = ''] = [...(damaged?.chunks.keys() ?? [])];
    damaged?.chunks.set(chunkId, Buffer.from('rotten'));
    const [holders, told] = [listHolders(), recorded.length];
    await wakeBoth();
    // The one that came second saw the copy being mended, and is sure of it after its next audit.
    await wakeBoth();
    expect(await readStates()).toEqual(['OK', 'OK']);
    expect(listHolders()).toEqual(holders);
    const news = recorded.slice(told);
    expect(news.some(({ activity, detail }) => activity === 'AUDIT' && detail.health === 'REPLICATING')).toBe(true);
    expect(news.filter(({ activity }) => activity === 'COPY').map(({ detail }) => detail.to)).toContain(damaged?.id);
    const settled = recorded.length;
    await wakeBoth();
    expect(recorded).toHaveLength(settled);
  });

  it('wait for a silent peer both, and then make one copy and not two', async () => {
    await wakeBoth();
    const [lost] = peers.filter(({ id }) => id !== 'a-peer' && listHolders().includes(id));
    await lost?.stop();
    await wakeBoth();
    expect(await readStates()).toEqual(['REPLICATING', 'REPLICATING']);
    nowMs += 600_000;
    await wakeBoth();
    await wakeBoth();
    expect(await readStates()).toEqual(['OK', 'OK']);
    expect(listHolders()).toHaveLength(4);
    await lost?.start();
    await until(async () => {
      await wakeBoth();
      const healths = await Promise.all(auditors.map((part) => readHealth(part, dataset.id)));
      return healths.every((health) => statesOf(health)[lost?.id ?? ''] === 'AVAILABLE');
    });
    expect(listHolders()).toHaveLength(4);
    for (const agent of ['north.example', 'south.example']) expect(listTold(agent).at(-1)).toBe('AUDIT');
  });
});
