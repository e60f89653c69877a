import { writeSync } from 'node:fs';
import { lockFolder } from './folder-lock.js';
import { silentLogger } from './log.js';

/** Run as a process of its own: takes a folder, says so, and keeps it until it is killed. */
const dir = process.argv[2];
if (dir === undefined) throw new TypeError('Usage: lock-folder.fixture.ts FOLDER');
await lockFolder(dir, silentLogger);
writeSync(1, 'locked\n');
process.stdin.resume();
