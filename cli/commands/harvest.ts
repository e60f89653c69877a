import { setTimeout as delay } from 'node:timers/promises';
import { ClientError } from '../../clients/typescript/client.js';
import { HarvestJob, HarvestRepository } from '../../clients/typescript/gen/operations.js';
import { required, type Session } from '../session.js';

/** Wait between two looks at a job, in milliseconds. */
const POLL_MS = 300;

/** `sc harvest`: reads a repository into the index and waits for the end. */
export async function harvest(
  session: Session,
  repository: string,
  options: { readonly full?: boolean },
): Promise<void> {
  const { client, output, signal } = session;
  const started = await client.request(
    HarvestRepository,
    { input: { repository, full: options.full ?? false } },
    { signal },
  );
  const { id } = required(started.data.harvestRepository, started.errors, 'The harvest').job;
  for (;;) {
    const { data, errors } = await client.request(HarvestJob, { id }, { signal });
    const job = required(data.harvestJob, errors, `Harvest ${id}`);
    if (job.finishedAt) {
      if (job.error) throw new ClientError(job.error.code, job.error.message, { source: job.error.source });
      const read = options.full ? 'datasets read' : 'datasets read that are new or changed since the last harvest';
      output.result(job, [
        `${repository}: ${job.progress.done} ${read}, ${job.problemCount} records could not be read`,
        ...job.problems.map(({ localId, message }) => `  ${localId}: ${message}`),
      ]);
      if (!options.full && job.progress.done === 0) output.remark('note: --full reads everything again');
      return;
    }
    await delay(POLL_MS, undefined, { signal });
  }
}
