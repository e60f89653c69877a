import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ReadMetadata, type ReadMetadataQuery } from '../../clients/typescript/gen/operations.js';
import { useNavigation } from '../navigation.js';
import { Link } from '../parts/link.js';
import { Failure, PartialFailures } from '../parts/problem.js';
import { Skeleton } from '../parts/skeleton.js';
import type { ListPositions } from '../route.js';
import { useQuery } from '../use-query.js';
import { DatasetHead } from './dataset-head.js';
import { FilesSection } from './files-section.js';
import { HealthSection } from './health-section.js';
import { Metadata } from './metadata.js';
import { ProvenanceSection } from './provenance-section.js';

/** While the repository does not answer: the notice that says so should go when it comes back. */
const TROUBLED_POLL_MS = 10_000;

/** What happens in the swarm is in the log a moment later. */
const LOG_LAG_MS = 3000;

interface DatasetPageProps {
  readonly id: string;
  readonly lists: ListPositions;
}

/** One dataset. Each section asks for itself, so that a backend that is slow or silent holds up only its own. */
export function DatasetPage({ id, lists }: DatasetPageProps) {
  const { state } = useNavigation();
  const [round, onChanged] = useRounds();
  const { data, errors, failure, isLoading, reload } = useQuery(ReadMetadata, { id }, { pollMs, round });
  const dataset = data?.dataset ?? undefined;
  const title = dataset?.title ?? id;
  useEffect(() => {
    document.title = `${title} · Sciclomatic`;
  }, [title]);

  const isMissing = dataset === undefined && (failure ?? errors[0])?.code === 'NOT_FOUND';
  return (
    <div class="dataset">
      <p class="back">
        <Link href={state.from ?? '/'}>← {state.from === undefined ? 'Search' : 'Results'}</Link>
      </p>
      {dataset !== undefined && <DatasetHead dataset={dataset} />}
      {dataset === undefined && isLoading && <Skeleton rows={2} label="Loading the dataset" />}
      {isMissing ? (
        <MissingDataset id={id} />
      ) : (
        <>
          {failure !== undefined && <Failure failure={failure} onRetry={reload} showsLast={dataset !== undefined} />}
          <PartialFailures errors={errors} />
          {dataset === undefined && !isLoading && <h1 class="id">{id}</h1>}
          <div class="dataset-columns">
            <div class="dataset-main">
              <FilesSection id={id} lists={lists} round={round} />
              <HealthSection id={id} onChanged={onChanged} />
              <ProvenanceSection
                id={id}
                lists={lists}
                round={round}
                mayBeHeld={dataset === undefined || dataset.manifest !== null || errors.length > 0}
              />
            </div>
            {dataset !== undefined && <Metadata dataset={dataset} />}
          </div>
        </>
      )}
    </div>
  );
}

function pollMs({ dataset }: ReadMetadataQuery): number | undefined {
  const adapter = dataset?.repository.adapter;
  return adapter && adapter.state !== 'HEALTHY' ? TROUBLED_POLL_MS : undefined;
}

/** A number that moves on when something changed, and once more when the log has it too; and what to call then. */
function useRounds(): readonly [round: number, onChanged: () => void] {
  const [round, setRound] = useState(0);
  const timer = useRef<number | undefined>(undefined);
  const onChanged = useCallback((): void => {
    const moveOn = (): void => setRound((last) => last + 1);
    moveOn();
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(moveOn, LOG_LAG_MS);
  }, []);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return [round, onChanged];
}

function MissingDataset({ id }: { readonly id: string }) {
  return (
    <div class="empty">
      <h1>No such dataset</h1>
      <p>
        No repository that is indexed here has <code class="id">{id}</code>. Its source may have withdrawn it.
      </p>
    </div>
  );
}
