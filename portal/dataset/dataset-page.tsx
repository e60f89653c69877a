import { useEffect } from 'preact/hooks';
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
              <FilesSection id={id} lists={lists} />
              <HealthSection id={id} />
              <ProvenanceSection id={id} lists={lists} />
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
