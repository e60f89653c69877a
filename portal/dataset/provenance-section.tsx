import { ListRecords, type ListRecordsQuery, ReadRecord } from '../../clients/typescript/gen/operations.js';
import { formatCount, formatInstant, formatQuantity, shortenDigest } from '../format.js';
import { CopyButton } from '../parts/copy-button.js';
import { Failure, PartialFailures } from '../parts/problem.js';
import { Skeleton } from '../parts/skeleton.js';
import type { ListPositions } from '../route.js';
import { ACTIVITIES } from '../state-words.js';
import { useClient, useQuery } from '../use-query.js';
import { EvidencePanel } from './evidence-panel.js';
import { ListPager } from './list-pager.js';

type RecordPage = NonNullable<NonNullable<ListRecordsQuery['dataset']>['provenance']>['records'];
type ProvenanceRecord = RecordPage['nodes'][number];

const RECORDS_PER_PAGE = 10;

interface ProvenanceSectionProps {
  readonly id: string;
  readonly lists: ListPositions;
  /** Asks anew whenever it changes. */
  readonly round: number;
  /** False when the swarm does not hold the dataset: there is no proof of its bytes to give. */
  readonly mayBeHeld: boolean;
}

/** What the log records of the dataset, newest first, each record with its proof. */
export function ProvenanceSection({ id, lists, round, mayBeHeld }: ProvenanceSectionProps) {
  const { after } = lists.records;
  const { data, errors, failure, isLoading, reload } = useQuery(
    ListRecords,
    {
      id,
      first: RECORDS_PER_PAGE,
      ...(after === undefined ? {} : { after }),
    },
    { round },
  );
  const provenance = data?.dataset?.provenance;
  const records = provenance?.records;
  return (
    <section aria-labelledby="provenance-title" aria-busy={isLoading}>
      <h2 id="provenance-title">
        Provenance
        {records && <span class="quiet tabular">{formatQuantity(records.totalCount, 'record')}</span>}
      </h2>
      {failure !== undefined && <Failure failure={failure} onRetry={reload} showsLast={data !== undefined} />}
      <PartialFailures errors={errors} />
      {data === undefined && isLoading && <Skeleton rows={2} label="Loading provenance" />}
      {(provenance === null || records?.totalCount === 0) && errors.length === 0 && (
        <p class="quiet">The log records nothing of this dataset.</p>
      )}
      {records && records.nodes.length > 0 && (
        <div class={isLoading ? 'is-stale' : ''}>
          <ol class="timeline">
            {records.nodes.map((record) => (
              <TimelineRecord key={record.id} record={record} />
            ))}
          </ol>
          <ListPager
            id={id}
            lists={lists}
            list="records"
            label="Pages of records"
            count={records.nodes.length}
            totalCount={records.totalCount}
            pageInfo={records.pageInfo}
          />
          {mayBeHeld && <EvidencePanel id={id} />}
        </div>
      )}
    </section>
  );
}

function TimelineRecord({ record }: { readonly record: ProvenanceRecord }) {
  const client = useClient();
  const { activity, agent, recordedAt, entryIndex, detail, used, generated } = record;
  const readProof = async (): Promise<string> => {
    const { data, errors } = await client.request(ReadRecord, { entryIndex });
    if (data.provenanceRecord === null) throw new Error(errors[0]?.message ?? 'No such record');
    return data.provenanceRecord.proof;
  };
  return (
    <li>
      <p class="timeline-head">
        <strong>{ACTIVITIES[activity]}</strong> by {agent}{' '}
        <time class="quiet tabular" dateTime={recordedAt}>
          {formatInstant(recordedAt)}
        </time>
      </p>
      {(detail.length > 0 || used.length > 0 || generated.length > 0) && (
        <dl class="timeline-detail">
          <Ids name="used" ids={used} />
          <Ids name="generated" ids={generated} />
          {detail.map(({ name, value }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      <p class="timeline-foot">
        <span class="quiet tabular">entry {formatCount(entryIndex)}</span>
        <CopyButton text={readProof} label="Copy proof" description={`Copy proof of entry ${entryIndex}`} />
      </p>
    </li>
  );
}

function Ids({ name, ids }: { readonly name: string; readonly ids: readonly string[] }) {
  if (ids.length === 0) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {ids.map((id, index) => (
          <span key={id}>
            {index === 0 ? '' : ', '}
            <code class="id" title={id}>
              {id.length > 64 ? shortenDigest(id) : id}
            </code>
          </span>
        ))}
      </dd>
    </div>
  );
}
