import { useEffect, useState } from 'preact/hooks';
import { ReadMetadata } from '../../clients/typescript/gen/operations.js';
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

interface DatasetPageProps {
  readonly id: string;
  readonly lists: ListPositions;
}

/** One dataset. Each section asks for itself, so that a backend that is slow or silent holds up only its own. */
export function DatasetPage({ id, lists }: DatasetPageProps) {
  const { state } = useNavigation();
  const { data, errors, failure, isLoading, reload } = useQuery(ReadMetadata, { id });
  const dataset = data?.dataset ?? undefined;
  /** Counts mirrors made from this page: what the swarm adds to files and records is then asked for anew. */
  const [mirrorCount, setMirrorCount] = useState(0);
  const onMirrored = (): void => {
    setMirrorCount((count) => count + 1);
    reload();
  };
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
          {failure !== undefined && <Failure failure={failure} onRetry={reload} />}
          <PartialFailures errors={errors} />
          {dataset === undefined && !isLoading && <h1 class="id">{id}</h1>}
          <div class="dataset-columns">
            <div class="dataset-main">
              <FilesSection key={`files ${mirrorCount}`} id={id} lists={lists} />
              <HealthSection id={id} onMirrored={onMirrored} />
              <ProvenanceSection
                key={`provenance ${mirrorCount}`}
                id={id}
                lists={lists}
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
