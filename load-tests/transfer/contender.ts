import { createReadStream } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { ClientReport, ServerReport, UsageReport } from './report.js';

/**
 * One end of a transfer in a process of its own.
 *
 * `contender.ts serve ours <folder>` is a storage peer, `serve http <file>` the plainest HTTP/1.1 server of a file: says where
 * it listens, then answers each message with what it has used so far.
 *
 * `contender.ts fetch ours <host:port> <chunks>` fetches everything once and verifies each chunk by BLAKE3; `fetch http
 * <host:port>` fetches everything and verifies nothing: counts the bytes, says what it used, ends.
 */
async function servePeer(dir: string): Promise<string> {
  const { silentLogger } = await import('../../core/log.js');
  const { createStoragePeer } = await import('../../subgraphs/storage/peer/storage-peer.js');
  const institution = { id: 'bench', name: 'Bench' };
  const place = { dir, host: '127.0.0.1', port: 0 };
  return (await createStoragePeer({ id: 'bench', institution, ...place, log: silentLogger })).address;
}

async function serveHttp(file: string): Promise<string> {
  const server = createServer((_request, response) => {
    pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What begins the transfer and gives the bytes received; what is made ready before is not measured. */
async function prepareOurs(address: string, chunkCount: number): Promise<() => Promise<number>> {
  const { createTestCall } = await import('../../core/test-call.js');
  const { createPeerConnection } = await import('../../adapters/swarm/peer-connection.js');
  const { inventChunks } = await import('./invent-chunks.js');
  const ids = Array.from(inventChunks(chunkCount), ({ id }) => id);
  const connection = createPeerConnection('bench', address);
  return async () => {
    let receivedBytes = 0;
    for await (const { bytes } of connection.readChunks(ids, createTestCall(600_000))) receivedBytes += bytes.length;
    connection.close();
    return receivedBytes;
  };
}

function fetchHttp(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let receivedBytes = 0;
    const running = request(`http://${address}/`, (response) => {
      response.on('data', (bytes: Buffer) => {
        receivedBytes += bytes.length;
      });
      response.on('end', () => resolve(receivedBytes));
      response.on('error', reject);
    });
    running.on('error', reject);
    running.end();
  });
}

function readUsage(): UsageReport {
  const { user, system } = process.cpuUsage();
  return { cpuMicros: user + system, peakResidentBytes: process.resourceUsage().maxRSS * 1024 };
}

async function serve(kind: string, place: string): Promise<void> {
  const address = await (kind === 'ours' ? servePeer(place) : serveHttp(place));
  const report = (): void => {
    const sent: ServerReport = { ...readUsage(), address };
    process.send?.(sent);
  };
  process.on('message', report);
  process.on('disconnect', () => process.exit());
  report();
}

async function fetchOnce(kind: string, address: string, chunkCount: number): Promise<void> {
  const transfer = kind === 'ours' ? await prepareOurs(address, chunkCount) : () => fetchHttp(address);
  const before = readUsage();
  const startedAt = performance.now();
  const receivedBytes = await transfer();
  const transferMs = performance.now() - startedAt;
  const after = readUsage();
  const transferCpuMicros = after.cpuMicros - before.cpuMicros;
  const report: ClientReport = { ...after, transferCpuMicros, transferMs, receivedBytes };
  process.send?.(report);
  process.disconnect?.();
}

const [end, kind = '', place = '', chunkCount = '0'] = process.argv.slice(2);
await (end === 'serve' ? serve(kind, place) : fetchOnce(kind, place, Number(chunkCount)));
