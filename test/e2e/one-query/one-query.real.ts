import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from '@jest/globals';
import { realDataDir } from '../../real-data.js';
import { describeOneQueryStory } from './one-query-story.js';

const registry = realDataDir('open-data-registry');
const recordings = realDataDir('recordings');
const replay = recordings === undefined ? '' : join(recordings, '..', '..', 'tools', 'replay.mjs');

if (registry !== undefined && recordings !== undefined && existsSync(replay)) {
  const oai = join(recordings, 'zenodo-oai-2026');
  describeOneQueryStory('one query, on real repositories', async () => {
    const server = spawn(process.execPath, [replay, oai], { stdio: ['ignore', 'pipe', 'ignore'] });
    return {
      sources: [
        { adapter: 'aws-open-data', folder: registry },
        {
          adapter: 'zenodo',
          baseUrl: `${await readOrigin(server)}/zenodo.org`,
          protocol: 'oai-pmh',
          metadataPrefix: 'oai_dc',
          windowRecords: 0,
        },
      ],
      expectedIds: { aws: listRegistryIds(registry), zenodo: listRecordedIds(oai) },
      expectedProblems: {},
      searches: [{ text: '1000 genomes', id: 'aws:1000-genomes' }],
      close: () => void server.kill(),
    };
  });
} else {
  describe.skip('one query, on real repositories', () => {
    it('needs recordings of them: SC_REAL_DATA names their folder', () => undefined);
  });
}

/** One dataset for each file, counted by the names of the files. */
const listRegistryIds = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `aws:${name.slice(0, -'.yaml'.length)}`)
    .sort();

/** Numbers of the records in the raw answers to one unrestricted list and its resumption tokens, less the deleted ones. */
function listRecordedIds(folder: string): string[] {
  const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { url: string; body: string }[];
  const bodyOf = (query: Readonly<Record<string, string>>): string => {
    const found = index.find(({ url }) => {
      const asked = Object.fromEntries(new URL(url).searchParams);
      return JSON.stringify(Object.entries(asked).sort()) === JSON.stringify(Object.entries(query).sort());
    });
    return found === undefined ? '' : readFileSync(join(folder, found.body), 'utf8');
  };
  const pages = [bodyOf({ verb: 'ListRecords', metadataPrefix: 'oai_dc' })];
  const tokenOf = (page: string) => /<resumptionToken[^>]*>([^<]+)</.exec(page)?.[1];
  for (let token = tokenOf(pages[0] ?? ''); token !== undefined; token = tokenOf(pages.at(-1) ?? ''))
    pages.push(bodyOf({ verb: 'ListRecords', resumptionToken: token }));
  const headers = pages.join('').match(/<header(?: status="deleted")?>\s*<identifier>[^<]+/g) ?? [];
  return headers
    .filter((header) => !header.includes('deleted'))
    .map((header) => `zenodo:10.5281/zenodo.${header.slice(header.lastIndexOf(':') + 1)}`)
    .sort();
}

async function readOrigin(server: ChildProcess): Promise<string> {
  if (server.stdout === null) throw new Error('The replay server has no output');
  for await (const line of createInterface({ input: server.stdout })) return line.trim();
  throw new Error('The replay server said nothing');
}
