import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { readUsage, type ServerReport } from './report.js';

/**
 * The serving end in a process of its own: `server.ts ours <folder>` is a storage peer, `server.ts http <file>` the plainest
 * HTTP/1.1 server of that file. Says where it listens, then answers each message with what it has used so far.
 */
async function startOurs(dir: string): Promise<string> {
  const { silentLogger } = await import('../../core/log.js');
  const { createStoragePeer } = await import('../../subgraphs/storage/peer/storage-peer.js');
  const institution = { id: 'bench', name: 'Bench' };
  const peer = await createStoragePeer({
    id: 'bench',
    institution,
    dir,
    host: '127.0.0.1',
    port: 0,
    log: silentLogger,
  });
  return peer.address;
}

async function startHttp(file: string): Promise<string> {
  const server = createServer((_request, response) => {
    pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const [kind, place = ''] = process.argv.slice(2);
const address = await (kind === 'ours' ? startOurs(place) : startHttp(place));
const report = (): void => {
  const sent: ServerReport = { ...readUsage(), address };
  process.send?.(sent);
};
process.on('message', report);
process.on('disconnect', () => process.exit());
report();
