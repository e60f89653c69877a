import { setTimeout as delay } from 'node:timers/promises';
import { ClientError } from '../clients/typescript/client.js';
import { ReadHealth, TransferJob } from '../clients/typescript/gen/operations.js';
import type { Progress } from './output.js';
import { required, type Session } from './session.js';

/** Wait between two looks at a job, in milliseconds. */
const POLL_MS = 300;
/** How often health may be missing, two minutes in all: longer, and whoever measures it is not there. */
const MAX_LOOKS_WITHOUT_HEALTH = 400;

/** The id of the dataset that a transfer brought into the swarm. @throws what the job failed with */
export async function waitForTransfer(session: Session, jobId: string): Promise<string> {
  const { client, output, signal } = session;
  let progress: Progress | undefined;
  try {
    for (;;) {
      const { data, errors } = await client.request(TransferJob, { id: jobId }, { signal });
      const job = required(data.transferJob, errors, `Transfer ${jobId}`);
      if (job.error) throw new ClientError(job.error.code, job.error.message, { source: job.error.source });
      // The total is not known before the source was asked.
      if (job.progress.total !== null || job.progress.done > 0)
        progress ??= output.progress('transfer', job.progress.total);
      progress?.update(job.progress.done);
      if (job.finishedAt) {
        progress?.end();
        return required(job.dataset?.id, errors, 'The dataset of the transfer');
      }
      await delay(POLL_MS, undefined, { signal });
    }
  } catch (error) {
    progress?.stop();
    if (signal.aborted) output.remark(`transfer ${jobId} goes on at the server; the same command waits for it again`);
    throw error;
  }
}

/**
 * Waits until the swarm holds as many good copies as the dataset should have, or says why that cannot be now.
 * @throws what kept its health from being known for two minutes
 */
export async function waitForHealth(session: Session, datasetId: string): Promise<{ state: string; reason: string }> {
  const { client, signal } = session;
  for (let missing = 0; ; ) {
    const { data, errors } = await client.request(ReadHealth, { id: datasetId }, { signal });
    const health = data.dataset?.health;
    if (health && health.state !== 'UNKNOWN' && health.state !== 'REPLICATING') return health;
    missing = health ? 0 : missing + 1;
    if (missing > MAX_LOOKS_WITHOUT_HEALTH) return required(health, errors, `The health of ${datasetId}`);
    await delay(POLL_MS, undefined, { signal });
  }
}
