import { writeSync } from 'node:fs';
import { silentLogger } from '../../../core/log.js';
import { createStoragePeer } from './storage-peer.js';

/** Run as a process of its own: a storage peer on a free port, to be killed by the test. */
const dir = process.argv[2];
if (dir === undefined) throw new TypeError('Usage: peer-process.fixture.ts FOLDER');
const peer = await createStoragePeer({
  id: 'victim',
  institution: { id: 'victims', name: 'Victims' },
  dir,
  host: '127.0.0.1',
  port: 0,
  log: silentLogger,
});
writeSync(1, `${peer.address}\n`);
