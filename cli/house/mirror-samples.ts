import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileDurably } from '../../core/durable-file.js';
import { SciclomaticError } from '../../core/errors.js';
import type { Logger } from '../../core/log.js';
import { type Loop, startLoop } from '../../core/loop.js';

export interface MirrorSamplesOptions {
  readonly dataDir: string;
  readonly gateway: { fetch(request: Request): Promise<Response> };
  readonly log: Logger;
}

/** Wait between tries, in milliseconds: the samples are harvested within a second or two of the first start. */
const RETRY_MS = 300;

const LIST =
  'query { searchDatasets(filter: { repository: ["sample"] }, sort: ID, first: 1000) { sources { repository { id } state } edges { node { id } } } }';
const MIRROR = 'mutation ($id: ID!) { mirrorDataset(input: { datasetId: $id }) { job { id } } }';

interface Listed {
  readonly searchDatasets: {
    readonly sources: readonly { readonly repository: { readonly id: string }; readonly state: string }[];
    readonly edges: readonly { readonly node: { readonly id: string } }[];
  };
}

/** At the first start: asks, as any client would, for a mirror of every sample dataset; remembers that it did. */
export function mirrorSamples({ dataDir, gateway, log }: MirrorSamplesOptions): { close(): Promise<void> } {
  const done = join(dataDir, 'samples-mirrored');
  if (existsSync(done)) return { close: () => Promise.resolve() };
  const loop: Loop = startLoop('mirror samples', RETRY_MS, log, async () => {
    if (existsSync(done)) return;
    const { searchDatasets } = await ask<Listed>(gateway, LIST, {});
    const ready = searchDatasets.sources.some(({ repository, state }) => repository.id === 'sample' && state === 'OK');
    if (!ready || searchDatasets.edges.length === 0) return;
    for (const { node } of searchDatasets.edges) await ask(gateway, MIRROR, { id: node.id });
    await writeFileDurably(done, `${searchDatasets.edges.length} datasets\n`);
  });
  return { close: () => loop.stop() };
}

async function ask<Data>(gateway: MirrorSamplesOptions['gateway'], query: string, variables: object): Promise<Data> {
  const response = await gateway.fetch(
    new Request('http://127.0.0.1/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    }),
  );
  const { data, errors } = (await response.json()) as { data?: Data; errors?: readonly { message: string }[] };
  if (errors?.[0] || !data) throw new SciclomaticError('NOT_READY', errors?.[0]?.message ?? 'no answer yet');
  return data;
}
