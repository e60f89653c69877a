import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPeerConnection } from '../../adapters/swarm/peer-connection.js';
import { createTestCall } from '../../core/test-call.js';
import { CHUNK_BYTES } from '../../formats/manifest.js';
import type { Measure } from '../measure.js';
import { inventChunks } from './invent-chunks.js';
import type { ClientReport, ServerReport } from './report.js';

/** One file from one peer to one client, every chunk verified, beside plain HTTP/1.1 of the same bytes in turn. */
export const transferScenario = { name: 'transfer', run };

const ROUNDS = 3;
const WHOLE_CHUNKS = 1024;
const QUICK_CHUNKS = 128;
/** What resident memory must stay under at both ends, in MB, whatever the file's size. */
const MEMORY_LIMIT_MB = 250;
/** Verified gRPC may take this many times what plain HTTP takes: HTTP/2 framing in JavaScript costs about half of it. */
const LEAST_THROUGHPUT_RATIO = 0.2;
/** CPU of both ends together, in seconds per GB. */
const MOST_CPU_SECONDS_PER_GB = 5;

type Kind = 'ours' | 'http';

interface Round {
  readonly megabytesPerSecond: number;
  readonly clientCpuPerGb: number;
  readonly serverCpuPerGb: number;
  readonly clientPeakMb: number;
  readonly serverPeakMb: number;
}

async function run({ quick }: { readonly quick: boolean }): Promise<Measure[]> {
  const chunkCount = quick ? QUICK_CHUNKS : WHOLE_CHUNKS;
  const dir = await mkdtemp(join(tmpdir(), 'transfer-'));
  const servers: ChildProcess[] = [];
  try {
    const file = join(dir, 'file.bin');
    const filler = await startServer('ours', join(dir, 'peer'));
    servers.push(filler.process);
    await fill(filler.address, file, chunkCount);
    await stop(filler.process);
    // Fresh processes, so that what filling cost is not counted.
    const ours = await startServer('ours', join(dir, 'peer'));
    const http = await startServer('http', file);
    servers.push(ours.process, http.process);
    const rounds: Record<Kind, Round[]> = { ours: [], http: [] };
    for (let round = 0; round < ROUNDS; round++) {
      rounds.ours.push(await measure('ours', ours, chunkCount));
      rounds.http.push(await measure('http', http, chunkCount));
    }
    return summarize(rounds.ours, rounds.http);
  } finally {
    for (const server of servers) await stop(server);
    await rm(dir, { recursive: true, force: true });
  }
}

function start(...parameters: string[]): ChildProcess {
  return fork(join(import.meta.dirname, 'contender.ts'), parameters, {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

async function receive<Message>(from: ChildProcess): Promise<Message> {
  const failed = once(from, 'exit').then(([code]) => {
    throw new Error(`A measured process ended early with code ${String(code)}`);
  });
  const [message] = (await Promise.race([once(from, 'message'), failed])) as [Message];
  failed.catch(() => undefined);
  return message;
}

async function startServer(kind: Kind, place: string): Promise<{ process: ChildProcess; address: string }> {
  const started = start('serve', kind, place);
  return { process: started, address: (await receive<ServerReport>(started)).address };
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill();
  await ended;
}

async function fill(address: string, file: string, chunkCount: number): Promise<void> {
  const connection = createPeerConnection('bench', address);
  const plain = await open(file, 'w');
  try {
    await connection.writeChunks(inventChunks(chunkCount), createTestCall(600_000));
    for (const { bytes } of inventChunks(chunkCount)) await plain.write(bytes);
  } finally {
    await plain.close();
    connection.close();
  }
}

async function measure(
  kind: Kind,
  server: { readonly process: ChildProcess; readonly address: string },
  chunkCount: number,
): Promise<Round> {
  const before = await askUsage(server.process);
  const client = start('fetch', kind, server.address, String(chunkCount));
  const report = await receive<ClientReport>(client);
  const after = await askUsage(server.process);
  if (report.receivedBytes !== chunkCount * CHUNK_BYTES) {
    throw new Error(`${kind}: ${report.receivedBytes} bytes came instead of ${chunkCount * CHUNK_BYTES}`);
  }
  const gigabytes = report.receivedBytes / 1e9;
  return {
    megabytesPerSecond: report.receivedBytes / 1e6 / (report.transferMs / 1000),
    clientCpuPerGb: report.transferCpuMicros / 1e6 / gigabytes,
    serverCpuPerGb: (after.cpuMicros - before.cpuMicros) / 1e6 / gigabytes,
    clientPeakMb: report.peakResidentBytes / 1e6,
    serverPeakMb: after.peakResidentBytes / 1e6,
  };
}

async function askUsage(server: ChildProcess): Promise<ServerReport> {
  const answer = receive<ServerReport>(server);
  server.send('report');
  return answer;
}

const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;

function summarize(ours: readonly Round[], http: readonly Round[]): Measure[] {
  const row = (
    name: string,
    unit: string,
    pick: (round: Round) => number,
    goal: string,
    holds: (ours: number, ratio: number) => boolean,
    combine: (values: readonly number[]) => number = median,
  ): Measure => {
    const [own, rival] = [combine(ours.map(pick)), combine(http.map(pick))];
    return { name, unit, ours: own, rival, ratio: own / rival, goal, holds: holds(own, own / rival) };
  };
  const worst = (values: readonly number[]): number => Math.max(...values);
  const memoryGoal = `under ${MEMORY_LIMIT_MB}`;
  const underLimit = (megabytes: number): boolean => megabytes < MEMORY_LIMIT_MB;
  return [
    row(
      'throughput, verified',
      'MB/s',
      ({ megabytesPerSecond }) => megabytesPerSecond,
      `at least ${LEAST_THROUGHPUT_RATIO} of plain HTTP/1.1`,
      (_own, ratio) => ratio >= LEAST_THROUGHPUT_RATIO,
    ),
    row(
      'CPU of both ends',
      's/GB',
      ({ clientCpuPerGb, serverCpuPerGb }) => clientCpuPerGb + serverCpuPerGb,
      `at most ${MOST_CPU_SECONDS_PER_GB}`,
      (seconds) => seconds <= MOST_CPU_SECONDS_PER_GB,
    ),
    row(
      'CPU of the client',
      's/GB',
      ({ clientCpuPerGb }) => clientCpuPerGb,
      'told',
      () => true,
    ),
    row(
      'CPU of the peer',
      's/GB',
      ({ serverCpuPerGb }) => serverCpuPerGb,
      'told',
      () => true,
    ),
    row('peak memory of the client', 'MB', ({ clientPeakMb }) => clientPeakMb, memoryGoal, underLimit, worst),
    row('peak memory of the peer', 'MB', ({ serverPeakMb }) => serverPeakMb, memoryGoal, underLimit, worst),
  ];
}
