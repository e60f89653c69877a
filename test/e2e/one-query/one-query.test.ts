import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeOneQueryStory } from './one-query-story.js';

const describeDataset = (name: string, tag: string) =>
  [
    `Name: ${name}`,
    `Description: Measurements of ${tag}, made for a test.`,
    'Contact: nobody@example.org',
    'ManagedBy: A test',
    'UpdateFrequency: never',
    'License: CC0',
    `Tags: [${tag}]`,
    'Resources: []',
    '',
  ].join('\n');

describeOneQueryStory('one query, on what the program makes itself', async (dir) => {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'tides.yaml'), describeDataset('Harbour tides', 'tides'));
  await writeFile(join(dir, 'lichens.yaml'), describeDataset('Lichens on roofs', 'lichens'));
  await writeFile(join(dir, 'aurora.yaml'), describeDataset('Aurora sightings', 'aurora'));
  await writeFile(join(dir, 'broken.yaml'), 'Name: "never closed\nTags: [\n');
  return {
    sources: [{ adapter: 'aws-open-data', id: 'notes', folder: dir }],
    expectedIds: { notes: ['notes:aurora', 'notes:lichens', 'notes:tides'] },
    expectedProblems: { notes: 1 },
    searches: [{ text: 'lichens roofs', id: 'notes:lichens' }],
    close: () => undefined,
  };
});
