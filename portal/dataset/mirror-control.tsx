import { useEffect, useState } from 'preact/hooks';
import type { ClientError } from '../../clients/typescript/client.js';
import { MirrorDataset, TransferJob, type TransferJobQuery } from '../../clients/typescript/gen/operations.js';
import { formatCount, formatSize } from '../format.js';
import { describeProblem, Failure } from '../parts/problem.js';
import { StateBadge } from '../parts/state-badge.js';
import { JOB_STATES } from '../state-words.js';
import { toClientError, useClient, useQuery } from '../use-query.js';

const JOB_POLL_MS = 1500;

interface MirrorControlProps {
  readonly id: string;
  readonly onDone: () => void;
}

/** For a dataset that the swarm does not hold: says so, and fetches it on demand, showing how far it is. */
export function MirrorControl({ id, onDone }: MirrorControlProps) {
  const client = useClient();
  const [jobId, setJobId] = useState<string | undefined>(undefined);
  const [failure, setFailure] = useState<ClientError | undefined>(undefined);
  const [isAsking, setAsking] = useState(false);
  const mirror = async (): Promise<void> => {
    setAsking(true);
    setFailure(undefined);
    try {
      const { data } = await client.request(MirrorDataset, { input: { datasetId: id } });
      setJobId(data.mirrorDataset.job.id);
    } catch (thrown) {
      setFailure(toClientError(thrown));
    }
    setAsking(false);
  };
  return (
    <>
      <p class="mirror-words">
        The swarm does not hold this dataset: how safe it is depends on its source alone. A mirror keeps verified copies
        at several institutions, audited from then on.
      </p>
      {jobId === undefined ? (
        <button type="button" disabled={isAsking} onClick={() => void mirror()}>
          Mirror into the swarm
        </button>
      ) : (
        <MirrorJob jobId={jobId} onDone={onDone} onRetry={() => void mirror()} />
      )}
      {failure !== undefined && (
        <p class="notice tone-bad" role="alert">
          {describeProblem(failure)}
        </p>
      )}
    </>
  );
}

interface MirrorJobProps {
  readonly jobId: string;
  readonly onDone: () => void;
  readonly onRetry: () => void;
}

function MirrorJob({ jobId, onDone, onRetry }: MirrorJobProps) {
  const { data, failure, reload } = useQuery(TransferJob, { id: jobId }, { pollMs });
  const job = data?.transferJob;
  const isDone = job?.state === 'SUCCEEDED';
  // biome-ignore lint/correctness/useExhaustiveDependencies: told once, when the job ends
  useEffect(() => {
    if (isDone) onDone();
  }, [isDone]);
  if (failure !== undefined) return <Failure failure={failure} onRetry={reload} />;
  if (!job) return <p role="status">Asking for the job…</p>;
  const { done, total, unit } = job.progress;
  const show = unit === 'bytes' ? formatSize : formatCount;
  return (
    <div role="status">
      <p>
        <StateBadge state={JOB_STATES[job.state]} />{' '}
        <span class="tabular">
          {show(done)} of {show(total)}
          {unit === 'bytes' ? '' : ` ${unit}`}
        </span>
      </p>
      {total !== null && <progress value={done} max={Math.max(total, 1)} aria-label="Progress of the mirror" />}
      {job.error !== null && (
        <p class="notice tone-bad">
          {job.error.source}: {job.error.message} <code>{job.error.code}</code>{' '}
          <button type="button" onClick={onRetry}>
            Try again
          </button>
        </p>
      )}
    </div>
  );
}

function pollMs({ transferJob }: TransferJobQuery): number | undefined {
  return transferJob?.finishedAt == null ? JOB_POLL_MS : undefined;
}
