import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { credentials, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createChunk } from '../../../adapters/chunks/conformance/chunk-store-conformance.js';
import { createFixtureDataset } from '../../../adapters/swarm/dataset.fixture.js';
import { createFixedDirectory } from '../../../adapters/swarm/fixed-directory.fixture.js';
import { encodeSignedManifest } from '../../../adapters/swarm/manifest-message.js';
import {
  type Chunk,
  createPeerConnection,
  LIST_START,
  type ListedManifest,
  type ListPosition,
  type PeerConnection,
} from '../../../adapters/swarm/peer-connection.js';
import { createSwarm } from '../../../adapters/swarm/swarm.js';
import { createCall } from '../../../core/call.js';
import { callServerStream, callUnary } from '../../../core/grpc-client.js';
import { checkGrpcHealth } from '../../../core/grpc-health.js';
import type { ChunkId } from '../../../core/ids.js';
import { createLogger, silentLogger } from '../../../core/log.js';
import { printMetrics } from '../../../core/metrics.js';
import { keyedBlake3 } from '../../../core/node-hashes.js';
import { createTestCall } from '../../../core/test-call.js';
import { AuditServiceClient, ChallengeOutcome } from '../../../proto/gen/sciclomatic/storage/v1/audit.js';
import { ChunkServiceClient } from '../../../proto/gen/sciclomatic/storage/v1/chunk.js';
import { ManifestServiceClient, type PullDatasetResponse } from '../../../proto/gen/sciclomatic/storage/v1/manifest.js';
import { createStoragePeer, type StoragePeer } from './storage-peer.js';

const call = createTestCall;
const MIB = 1024 * 1024;
const bytesOf = (seed: number, size: number): Uint8Array => createChunk(seed, size).bytes;

async function collect(chunks: AsyncIterable<Chunk>): Promise<Uint8Array[]> {
  const collected: Uint8Array[] = [];
  for await (const { bytes } of chunks) collected.push(bytes);
  return collected;
}

async function list(connection: PeerConnection, after: ListPosition): Promise<ListedManifest[]> {
  const listed: ListedManifest[] = [];
  for await (const one of connection.listManifests(after, call())) listed.push(one);
  return listed;
}

describe('a storage peer', () => {
  let root: string;
  const open: { close(): unknown }[] = [];
  const keep = <Closable extends { close(): unknown }>(closable: Closable): Closable => {
    open.push(closable);
    return closable;
  };

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'peer-'));
  });
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
    await rm(root, { recursive: true, force: true });
  });

  const start = async (id: string, quotaBytes?: number): Promise<StoragePeer> =>
    keep(
      await createStoragePeer({
        id,
        institution: { id: `${id}-institution`, name: id },
        dir: join(root, id),
        host: '127.0.0.1',
        port: 0,
        quotaBytes,
        log: silentLogger,
      }),
    );
  const startInAnotherProcess = async (id: string) => {
    const script = join(import.meta.dirname, 'peer-process.fixture.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script, join(root, id)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const kill = async (): Promise<void> => {
      child.kill('SIGKILL');
      await exited;
    };
    keep({ close: kill });
    const [address] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return { address, kill };
  };
  const connect = (peer: { id?: string; address: string }): PeerConnection =>
    keep(createPeerConnection(peer.id ?? 'peer', peer.address));
  const fileOf = (id: string, chunk: ChunkId): string =>
    join(root, id, 'chunks', chunk.slice(0, 2), chunk.slice(2, 4), chunk);

  it('takes chunks, says which it holds, and gives them back in the order asked for', async () => {
    const connection = connect(await start('a'));
    const chunks = [createChunk(1, 0), createChunk(2, 1), createChunk(3, MIB), createChunk(4, 300_000)];
    expect(await connection.writeChunks(chunks, call())).toEqual({ chunkCount: 4, newChunkCount: 4 });
    expect(await connection.writeChunks(chunks.slice(1, 3), call())).toEqual({ chunkCount: 2, newChunkCount: 0 });
    const unknown = createChunk(5).id;
    expect(await connection.hasChunks([unknown, ...chunks.map(({ id }) => id)], call())).toEqual([
      false,
      true,
      true,
      true,
      true,
    ]);
    const wanted = [3, 0, 2, 1, 2].flatMap((position) => chunks[position] ?? []);
    const read = await collect(
      connection.readChunks(
        wanted.map(({ id }) => id),
        call(),
      ),
    );
    expect(read.map((bytes) => Buffer.compare(bytes, wanted[read.indexOf(bytes)]?.bytes ?? Buffer.from('?')))).toEqual([
      0, 0, 0, 0, 0,
    ]);
    expect(await connection.readUsage(call())).toEqual({
      chunkCount: 4,
      storedBytes: MIB + 300_001,
      freeBytes: expect.any(Number),
    });
  });

  it('answers the generated client, health checks and the schema of its services', async () => {
    const peer = await start('a');
    const chunk = createChunk(1, 300_000);
    await connect(peer).writeChunks([chunk], call());
    const client = keep(new ChunkServiceClient(peer.address, credentials.createInsecure()));
    const frames: Uint8Array[] = [];
    const request = { chunkIds: [Buffer.from(chunk.id, 'hex')] };
    for await (const { bytes, chunkSizeBytes } of callServerStream(
      client.readChunks.bind(client),
      request,
      call(),
      'a',
    )) {
      expect(chunkSizeBytes).toBe(300_000);
      frames.push(bytes);
    }
    expect(frames.map(({ length }) => length)).toEqual([262_144, 37_856]);
    expect(Buffer.concat(frames).equals(chunk.bytes)).toBe(true);
    expect(await checkGrpcHealth(peer.address, call())).toBe(true);
  });

  it('keeps nothing of a chunk whose bytes are wrong, and what came before it stays', async () => {
    const connection = connect(await start('a'));
    const good = createChunk(1);
    const wrong = { id: createChunk(2).id, bytes: createChunk(3).bytes };
    await expect(connection.writeChunks([good, wrong], call())).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    expect(await connection.hasChunks([good.id, wrong.id], call())).toEqual([true, false]);
  });

  it('says STORAGE_FULL when its quota is used up, keeps nothing half, and goes on', async () => {
    const connection = connect(await start('a', 3 * MIB));
    const chunks = Array.from({ length: 40 }, (_, seed) => createChunk(seed, MIB));
    await expect(connection.writeChunks(chunks, call())).rejects.toMatchObject({ code: 'STORAGE_FULL', source: 'a' });
    const { storedBytes, freeBytes } = await connection.readUsage(call());
    expect(storedBytes + (freeBytes ?? 0)).toBe(3 * MIB);
    expect(storedBytes % MIB).toBe(0);
  });

  it('logs a fault of its own, of which the caller is told that the log has the cause', async () => {
    const lines: Record<string, unknown>[] = [];
    const log = createLogger(
      'error',
      {},
      { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
    );
    const peer = keep(
      await createStoragePeer({
        id: 'a',
        institution: { id: 'a-institution', name: 'a' },
        dir: join(root, 'a'),
        host: '127.0.0.1',
        port: 0,
        log,
      }),
    );
    const chunk = createChunk(1);
    const connection = connect(peer);
    await connection.writeChunks([chunk], call());
    await rm(fileOf('a', chunk.id));
    await mkdir(fileOf('a', chunk.id));
    await expect(collect(connection.readChunks([chunk.id], call()))).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(lines).toEqual([expect.objectContaining({ level: 50, peer: 'a', requestId: expect.any(String) })]);
  });

  it('refuses a manifest whose chunks it does not hold, with FAILED_PRECONDITION on the wire', async () => {
    const peer = await start('a');
    const { signed, chunks } = createFixtureDataset({ 'a.bin': bytesOf(1, MIB + 5) });
    const connection = connect(peer);
    await connection.writeChunks(chunks.slice(1), call());
    await expect(connection.writeManifest(signed, call())).rejects.toMatchObject({ code: 'CONFLICT' });
    const client = keep(new ManifestServiceClient(peer.address, credentials.createInsecure()));
    const refusal = await new Promise((resolve) =>
      client.writeManifest({ manifest: encodeSignedManifest(signed) }, (error) => resolve(error?.code)),
    );
    expect(refusal).toBe(status.FAILED_PRECONDITION);
    expect(await connection.readManifest({ hash: signed.hash }, call())).toBeUndefined();
    await connection.writeChunks(chunks, call());
    expect(await connection.writeManifest(signed, call())).toBe(true);
    expect(await connection.writeManifest(signed, call())).toBe(false);
  });

  it('refuses a manifest that was altered after it was signed', async () => {
    const connection = connect(await start('a'));
    const { signed, chunks } = createFixtureDataset({ a: bytesOf(1, 10) });
    const other = createFixtureDataset({ a: bytesOf(1, 10) }, { title: 'Another title' });
    await connection.writeChunks(chunks, call());
    const forged = { hash: other.signed.hash, record: { ...signed.record, payload: other.signed.record.payload } };
    await expect(connection.writeManifest(forged, call())).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
    await expect(
      connection.writeManifest({ hash: other.signed.hash, record: signed.record }, call()),
    ).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
  });

  it('lists manifests in the order in which they came, and gives the newest of a dataset', async () => {
    const connection = connect(await start('a'));
    const long = `zenodo:${'x'.repeat(6000)}`;
    const datasets = [
      createFixtureDataset({ a: bytesOf(1, 10) }, { datasetId: long, createdAt: '2026-02-01T00:00:00.000Z' }),
      createFixtureDataset({ a: bytesOf(2, 10) }, { datasetId: long, createdAt: '2026-01-01T00:00:00.000Z' }),
      ...Array.from({ length: 7 }, (_, seed) => createFixtureDataset({ a: bytesOf(seed, 10) }, { title: `T ${seed}` })),
    ];
    for (const { signed, chunks } of datasets) {
      await connection.writeChunks(chunks, call());
      await connection.writeManifest(signed, call());
    }
    const listed = await list(connection, LIST_START);
    const hashes = listed.map(({ signed }) => signed.hash);
    expect(hashes).toEqual(datasets.map(({ signed }) => signed.hash));
    const third = listed[2]?.position ?? LIST_START;
    expect((await list(connection, third)).map(({ signed }) => signed.hash)).toEqual(hashes.slice(3));
    const newest = await connection.readManifest({ datasetId: long as never }, call());
    expect(newest?.hash).toBe(datasets[0]?.signed.hash);
  });

  it('counts in an epoch of its own, kept over a restart, and lists everything to whoever read another one', async () => {
    const peer = await start('a');
    const { signed, chunks } = createFixtureDataset({ a: bytesOf(1, 10) });
    const fill = async (connection: PeerConnection) => {
      await connection.writeChunks(chunks, call());
      await connection.writeManifest(signed, call());
    };
    await fill(connect(peer));
    const [before] = await list(connect(peer), LIST_START);
    expect(before?.position).toMatchObject({ sequence: 1, epoch: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    await peer.close();
    const restarted = await start('a');
    expect(await list(connect(restarted), before?.position ?? LIST_START)).toEqual([]);
    await restarted.close();
    await rm(join(root, 'a'), { recursive: true });
    const wiped = connect(await start('a'));
    await fill(wiped);
    const again = await list(wiped, before?.position ?? LIST_START);
    expect(again.map(({ position }) => position.sequence)).toEqual([1]);
    expect(again[0]?.position.epoch).not.toBe(before?.position.epoch);
  });

  it('pulls a dataset from another peer, only what is missing, and tells how far it is', async () => {
    const [from, to] = [await start('a'), await start('b')];
    const { signed, chunks } = createFixtureDataset({ x: bytesOf(1, 40 * MIB), y: bytesOf(2, 100) });
    const source = connect(from);
    await source.writeChunks(chunks, call());
    await source.writeManifest(signed, call());
    const target = connect(to);
    await target.writeChunks(chunks.slice(0, 20), call());
    const client = keep(new ManifestServiceClient(to.address, credentials.createInsecure()));
    const request = { manifestHash: Buffer.from(signed.hash, 'hex'), fromAddress: from.address };
    const progress: PullDatasetResponse[] = [];
    for await (const message of callServerStream(client.pullDataset.bind(client), request, call(), 'b'))
      progress.push(message);
    expect(progress[0]).toMatchObject({
      heldChunkCount: 20n,
      totalChunkCount: 41n,
      receivedBytes: 0n,
      complete: false,
    });
    expect(progress.at(-1)).toEqual({
      heldChunkCount: 41n,
      totalChunkCount: 41n,
      receivedBytes: BigInt(20 * MIB + 100),
      complete: true,
    });
    expect((await target.readManifest({ datasetId: signed.datasetId }, call()))?.hash).toBe(signed.hash);
  });

  it('fetches every chunk once however many ask for the same dataset at once', async () => {
    const [from, to] = [await start('a'), await start('b')];
    const { signed, chunks } = createFixtureDataset({ x: bytesOf(1, 40 * MIB) });
    const source = connect(from);
    await source.writeChunks(chunks, call());
    await source.writeManifest(signed, call());
    const client = keep(new ManifestServiceClient(to.address, credentials.createInsecure()));
    const request = { manifestHash: Buffer.from(signed.hash, 'hex'), fromAddress: from.address };
    const readSentBytes = async () =>
      Number(/sc_storage_transferred_bytes_total\{direction="OUT"\} (\d+)/.exec(await printMetrics())?.[1] ?? 0);
    const before = await readSentBytes();
    const pull = async () => {
      let last: PullDatasetResponse | undefined;
      for await (const message of callServerStream(client.pullDataset.bind(client), request, call(), 'b'))
        last = message;
      return last;
    };
    const ends = await Promise.all([pull(), pull()]);
    expect(ends.map((end) => [end?.complete, end?.receivedBytes])).toEqual([
      [true, BigInt(40 * MIB)],
      [true, BigInt(40 * MIB)],
    ]);
    expect((await readSentBytes()) - before).toBe(40 * MIB);
  });

  it('a pull that is cut leaves no manifest, and the next one goes on from there', async () => {
    const [from, to] = [await start('a'), await start('b')];
    const { signed, chunks } = createFixtureDataset({ x: bytesOf(1, 60 * MIB) });
    const source = connect(from);
    await source.writeChunks(chunks, call());
    await source.writeManifest(signed, call());
    const client = keep(new ManifestServiceClient(to.address, credentials.createInsecure()));
    const request = { manifestHash: Buffer.from(signed.hash, 'hex'), fromAddress: from.address };
    const pull = () => callServerStream(client.pullDataset.bind(client), request, call(), 'b');
    for await (const { receivedBytes } of pull()) if (receivedBytes > 0n) break;
    const target = connect(to);
    expect(await target.readManifest({ hash: signed.hash }, call())).toBeUndefined();
    const progress: PullDatasetResponse[] = [];
    for await (const message of pull()) progress.push(message);
    expect(Number(progress[0]?.heldChunkCount)).toBeGreaterThan(0);
    expect(progress.at(-1)?.complete).toBe(true);
    expect(Number(progress.at(-1)?.receivedBytes)).toBeLessThan(60 * MIB);
  });

  it('answers a challenge from the bytes on disk now', async () => {
    const peer = await start('a');
    const [held, damaged, missing] = [createChunk(1), createChunk(2), createChunk(3)];
    await connect(peer).writeChunks([held, damaged], call());
    const path = fileOf('a', damaged.id);
    const content = await readFile(path);
    content[5] = (content[5] ?? 0) ^ 0xff;
    await writeFile(path, content);
    const client = keep(new AuditServiceClient(peer.address, credentials.createInsecure()));
    const nonce = Buffer.alloc(32, 7);
    const chunkIds = [held, damaged, missing].map(({ id }) => Buffer.from(id, 'hex'));
    const { answers } = await callUnary(client.challenge.bind(client), { nonce, chunkIds }, call(), 'a');
    expect(answers.map(({ outcome }) => outcome)).toEqual([
      ChallengeOutcome.CHALLENGE_OUTCOME_HELD,
      ChallengeOutcome.CHALLENGE_OUTCOME_DAMAGED,
      ChallengeOutcome.CHALLENGE_OUTCOME_MISSING,
    ]);
    expect(Buffer.from(answers[0]?.keyedHash ?? []).equals(keyedBlake3(nonce, held.bytes))).toBe(true);
    await expect(
      callUnary(client.challenge.bind(client), { nonce: Buffer.alloc(3), chunkIds }, call(), 'a'),
    ).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('a reader goes on with the next peer when one dies in the middle', async () => {
    const [a, b] = [await start('a'), await start('b')];
    const { signed, chunks } = createFixtureDataset({ x: bytesOf(1, 30 * MIB) });
    for (const peer of [a, b]) {
      await connect(peer).writeChunks(chunks, call());
      await connect(peer).writeManifest(signed, call());
    }
    const swarm = keep(createSwarm({ directory: createFixedDirectory([a, b]), nearInstitution: 'a-institution' }));
    const [file] = signed.manifest.files;
    if (!file) throw new Error('The fixture has a file');
    const held = await swarm.findManifest({ datasetId: signed.datasetId }, call());
    expect(held?.holders.map(({ id }) => id)).toEqual(['a', 'b']);
    let position = 0;
    for await (const bytes of swarm.readFile(
      file,
      { offset: 0, length: file.sizeBytes },
      held?.holders ?? [],
      call(),
    )) {
      expect(Buffer.compare(bytes, chunks[position]?.bytes ?? Buffer.alloc(0))).toBe(0);
      position += 1;
      if (position === 3) await a.close();
    }
    expect(position).toBe(30);
  });

  it('a cancelled read frees what it held and the peer serves others', async () => {
    const peer = await start('a');
    const connection = connect(peer);
    const chunks = Array.from({ length: 20 }, (_, seed) => createChunk(seed, MIB));
    await connection.writeChunks(chunks, call());
    const ids = chunks.map(({ id }) => id);
    for (let round = 0; round < 60; round++) {
      const gone = new AbortController();
      const ended = createCall({ log: silentLogger, signal: gone.signal });
      const reader = connection.readChunks(ids, ended);
      await reader.next();
      gone.abort();
      await expect(collect(reader)).rejects.toMatchObject({ code: 'CANCELLED' });
    }
    expect(await collect(connection.readChunks(ids, call()))).toHaveLength(20);
  });

  it('has its folder for itself, until its process is killed', async () => {
    const victim = await startInAnotherProcess('victim');
    await expect(start('victim')).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(join(root, 'victim')),
    });
    const chunk = createChunk(1);
    await connect(victim).writeChunks([chunk], call());
    await victim.kill();
    const peer = await start('victim');
    expect(await connect(peer).hasChunks([chunk.id], call())).toEqual([true]);
    await expect(start('victim')).rejects.toMatchObject({ code: 'CONFLICT' });
    await peer.close();
    await start('victim');
  });

  it('killed between chunks and manifest it has no manifest, and takes the rest after the restart', async () => {
    const { signed, chunks } = createFixtureDataset({ x: bytesOf(1, 10 * MIB) });
    const victim = await startInAnotherProcess('victim');
    const before = connect(victim);
    await before.writeChunks(chunks.slice(0, 6), call());
    await victim.kill();
    await expect(before.writeManifest(signed, call())).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    const after = connect(await start('victim'));
    expect(await after.readManifest({ hash: signed.hash }, call())).toBeUndefined();
    expect(
      await after.hasChunks(
        chunks.map(({ id }) => id),
        call(),
      ),
    ).toEqual(chunks.map((_, index) => index < 6));
    await expect(after.writeManifest(signed, call())).rejects.toMatchObject({ code: 'CONFLICT' });
    await after.writeChunks(chunks, call());
    expect(await after.writeManifest(signed, call())).toBe(true);
  });
});
