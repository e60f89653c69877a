import { MirrorDataset } from '../../clients/typescript/gen/operations.js';
import { required, type Session } from '../session.js';
import { waitForHealth, waitForTransfer } from '../wait-for-job.js';

/** `sc mirror`: fetches a dataset of any repository into the swarm, its source's checksums verified on the way in. */
export async function mirror(session: Session, datasetId: string, options: { readonly wait: boolean }): Promise<void> {
  const { data, errors } = await session.client.request(
    MirrorDataset,
    { input: { datasetId } },
    { signal: session.signal },
  );
  const { job } = required(data.mirrorDataset, errors, 'The mirror');
  if (!options.wait) {
    session.output.result({ datasetId, jobId: job.id }, [`mirror of ${datasetId} began: job ${job.id}`]);
    return;
  }
  await waitForTransfer(session, job.id);
  const health = await waitForHealth(session, datasetId);
  session.output.result({ datasetId, jobId: job.id, health }, [
    `${datasetId} is in the swarm: ${health.state}: ${health.reason}`,
  ]);
}
