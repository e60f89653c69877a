import { setTimeout as delay } from 'node:timers/promises';
import { ClientError } from '../clients/typescript/client.js';
import { ReadHealth, TransferJob } from '../clients/typescript/gen/operations.js';
import { required, type Session } from './session.js';

/** Wait between two looks at a job, in milliseconds. */
const POLL_MS = 300;

/** The id of the dataset that a transfer brought into the swarm. @throws what the job failed with */
export async function waitForTransfer(session: Session, jobId: string): Promise<string> {
  const { client, output, signal } = session;
  let progress: ReturnType<typeof output.progress> | undefined;
  for (;;) {
    const { data, errors } = await client.request(TransferJob, { id: jobId }, { signal });
    const job = required(data.transferJob, errors, `Transfer ${jobId}`);
    progress ??= output.progress('transfer', job.progress.total ?? null);
    progress.update(job.progress.done);
    if (job.finishedAt) {
      progress.end();
      if (job.error) throw new ClientError(job.error.code, job.error.message, { source: job.error.source });
      return required(job.dataset?.id, errors, 'The dataset of the transfer');
    }
    await delay(POLL_MS, undefined, { signal });
  }
}

/** Waits until the swarm holds as many good copies as the dataset should have, or says why that cannot be now. */
export async function waitForHealth(session: Session, datasetId: string): Promise<{ state: string; reason: string }> {
  const { client, signal } = session;
  for (;;) {
    const { data } = await client.request(ReadHealth, { id: datasetId }, { signal });
    const health = data.dataset?.health;
    if (health && health.state !== 'UNKNOWN' && health.state !== 'REPLICATING') return health;
    await delay(POLL_MS, undefined, { signal });
  }
}
