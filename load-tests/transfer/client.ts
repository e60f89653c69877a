import { request } from 'node:http';
import { type ClientReport, readUsage } from './report.js';

/**
 * The receiving end in a process of its own: `client.ts ours|http <host:port> <chunks>`. Fetches everything once, counts the
 * bytes, says what it used, ends. `ours` verifies each chunk by BLAKE3; `http` does not verify anything.
 */
async function fetchOurs(address: string, chunkCount: number): Promise<() => Promise<number>> {
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

async function fetchHttp(address: string): Promise<() => Promise<number>> {
  return () =>
    new Promise((resolve, reject) => {
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

const [kind, address = '', chunkCount = '0'] = process.argv.slice(2);
const transfer = await (kind === 'ours' ? fetchOurs(address, Number(chunkCount)) : fetchHttp(address));
const before = readUsage();
const startedAt = performance.now();
const receivedBytes = await transfer();
const transferMs = performance.now() - startedAt;
const after = readUsage();
const report: ClientReport = {
  ...after,
  transferCpuMicros: after.cpuMicros - before.cpuMicros,
  transferMs,
  receivedBytes,
};
process.send?.(report);
process.disconnect?.();
