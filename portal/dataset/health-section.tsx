import { useEffect, useRef, useState } from 'preact/hooks';
import type { ClientError } from '../../clients/typescript/client.js';
import { AuditDataset, ReadHealth, type ReadHealthQuery } from '../../clients/typescript/gen/operations.js';
import { formatCount } from '../format.js';
import { Instant } from '../parts/instant.js';
import { describeProblem, Failure, PartialFailures } from '../parts/problem.js';
import { Skeleton } from '../parts/skeleton.js';
import { StateBadge } from '../parts/state-badge.js';
import { COPY_STATES, HEALTH_STATES } from '../state-words.js';
import { toClientError, useClient, useQuery } from '../use-query.js';
import { MirrorControl } from './mirror-control.js';

type Health = NonNullable<NonNullable<ReadHealthQuery['dataset']>['health']>;
type Copy = Health['copies'][number];

/** While copies are being made or audited, and otherwise. */
const POLL_MS = { changing: 3000, settled: 15_000 } as const;

interface HealthSectionProps {
  readonly id: string;
  /** Called when the swarm took the dataset in, a copy changed or an audit ended. */
  readonly onChanged: () => void;
}

/** How safe the dataset is, as measured: which institution holds what, and when it last proved it. */
export function HealthSection({ id, onChanged }: HealthSectionProps) {
  /** A mirror that was begun here has ended: the swarm will speak of the dataset any moment. */
  const [isAwaited, setAwaited] = useState(false);
  const { data, errors, failure, isLoading, reload } = useQuery(
    ReadHealth,
    { id },
    { pollMs: (latest) => choosePollMs(latest, isAwaited) },
  );
  const onMirrored = (): void => {
    setAwaited(true);
    reload();
  };
  const health = data?.dataset?.health;
  const trace = health === undefined ? undefined : summarizeChange(health);
  const lastTrace = useRef(trace);
  // biome-ignore lint/correctness/useExhaustiveDependencies: told when the health changes, whoever listens
  useEffect(() => {
    const before = lastTrace.current;
    if (trace === undefined || trace === before) return;
    lastTrace.current = trace;
    if (before !== undefined) onChanged();
  }, [trace]);
  return (
    <section aria-labelledby="health-title" aria-busy={isLoading}>
      <h2 id="health-title">Health</h2>
      {failure !== undefined && <Failure failure={failure} onRetry={reload} showsLast={data !== undefined} />}
      <PartialFailures errors={errors} />
      {health === undefined && isLoading && <Skeleton rows={2} label="Loading health" />}
      {health === null && errors.length === 0 && <MirrorControl id={id} onDone={onMirrored} />}
      {health && <HealthReport id={id} health={health} onAudited={reload} />}
    </section>
  );
}

/** What of a health leaves records in the log, as one text to compare. */
const summarizeChange = (health: Health | null): string =>
  JSON.stringify(
    health && [health.state, health.lastAuditedAt, health.copies.map(({ peer, state }) => [peer.id, state])],
  );

function choosePollMs({ dataset }: ReadHealthQuery, isAwaited: boolean): number | undefined {
  const health = dataset?.health;
  // Others may mirror it too.
  if (!health) return isAwaited ? POLL_MS.changing : POLL_MS.settled;
  const isChanging =
    health.state === 'REPLICATING' ||
    health.state === 'UNKNOWN' ||
    health.copies.some(({ state }) => state === 'COPYING');
  return isChanging ? POLL_MS.changing : POLL_MS.settled;
}

interface HealthReportProps {
  readonly id: string;
  readonly health: Health;
  readonly onAudited: () => void;
}

function HealthReport({ id, health, onAudited }: HealthReportProps) {
  return (
    <>
      <div class="health-summary">
        <p aria-live="polite">
          <StateBadge state={HEALTH_STATES[health.state]} /> {health.reason}
        </p>
        <p class="quiet">
          {formatCount(health.requiredCopies)} copies required, {formatCount(health.missingCopies)} missing · last
          audited <Instant at={health.lastAuditedAt} />
        </p>
        <AuditButton id={id} onAudited={onAudited} />
      </div>
      {health.copies.length === 0 ? (
        <p class="quiet">No institution holds a copy.</p>
      ) : (
        <table class="cards copies">
          <thead>
            <tr>
              <th scope="col">Institution</th>
              <th scope="col">State</th>
              <th scope="col">Chunks held</th>
              <th scope="col">Last audited</th>
              <th scope="col">Reason</th>
            </tr>
          </thead>
          <tbody>
            {health.copies.map((copy) => (
              <CopyRow key={`${copy.institution.id} ${copy.peer.id}`} copy={copy} />
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function CopyRow({ copy }: { readonly copy: Copy }) {
  const { institution, peer, heldChunkCount, totalChunkCount } = copy;
  return (
    <tr>
      <th scope="row">
        {institution.name ?? institution.id}
        <span class="quiet sub">{peer.id}</span>
      </th>
      <td data-label="State">
        <StateBadge state={COPY_STATES[copy.state]} />
      </td>
      <td data-label="Chunks held" class="tabular">
        {heldChunkCount === null ? (
          <span class="quiet">does not answer</span>
        ) : (
          <>
            {formatCount(heldChunkCount)} of {formatCount(totalChunkCount)}
            <progress value={heldChunkCount} max={Math.max(totalChunkCount, 1)} aria-hidden="true" />
          </>
        )}
      </td>
      <td data-label="Last audited">
        <Instant at={copy.lastAuditedAt} />
      </td>
      <td data-label="Reason" class="reason">
        {copy.reason}
      </td>
    </tr>
  );
}

function AuditButton({ id, onAudited }: { readonly id: string; readonly onAudited: () => void }) {
  const client = useClient();
  const [isRunning, setRunning] = useState(false);
  const [failure, setFailure] = useState<ClientError | undefined>(undefined);
  const audit = async (): Promise<void> => {
    setRunning(true);
    setFailure(undefined);
    try {
      await client.request(AuditDataset, { input: { datasetId: id } });
      onAudited();
    } catch (thrown) {
      setFailure(toClientError(thrown));
    }
    setRunning(false);
  };
  return (
    <>
      <button type="button" disabled={isRunning} onClick={() => void audit()}>
        {isRunning ? 'Auditing…' : 'Audit now'}
      </button>
      {failure !== undefined && (
        <p class="notice tone-bad" role="alert">
          {describeProblem(failure)}
        </p>
      )}
    </>
  );
}
