import { useEffect } from 'preact/hooks';
import { ListAdapters, type ListAdaptersQuery } from '../../clients/typescript/gen/operations.js';
import { formatCount, formatQuantity } from '../format.js';
import { Instant } from '../parts/instant.js';
import { Failure, PartialFailures } from '../parts/problem.js';
import { Skeleton } from '../parts/skeleton.js';
import { StateBadge } from '../parts/state-badge.js';
import { ADAPTER_KINDS, ADAPTER_STATES } from '../state-words.js';
import { failureOf, useQuery } from '../use-query.js';

type Adapter = NonNullable<ListAdaptersQuery['adapters']>['nodes'][number];

/** States change when a lease ends or a health check fails. */
const POLL_MS = 5000;

/** As many as the API gives at once. */
const ADAPTERS_SHOWN = 1000;

/** Which adapters take part, what each supports and whether it can be used now. */
export function AdaptersPage() {
  useEffect(() => {
    document.title = 'Adapters · Sciclomatic';
  }, []);
  const query = useQuery(ListAdapters, { first: ADAPTERS_SHOWN }, { pollMs: () => POLL_MS });
  const { data, errors, isLoading, reload } = query;
  const adapters = data?.adapters ?? undefined;
  const failure = failureOf(query, adapters === undefined);
  return (
    <section aria-labelledby="adapters-title" aria-busy={isLoading}>
      <h1 id="adapters-title">Adapters</h1>
      <p class="lead">What institutions run to take part: repositories, storage peers and ledgers.</p>
      <p class="quiet" aria-live="polite">
        {adapters === undefined ? '' : summarize(adapters)}
      </p>
      {failure === undefined ? (
        <PartialFailures errors={errors} />
      ) : (
        <Failure failure={failure} onRetry={reload} showsLast={adapters !== undefined} />
      )}
      {adapters === undefined && isLoading && <Skeleton rows={4} label="Loading adapters" />}
      {adapters !== undefined && adapters.nodes.length === 0 && <p class="empty">No adapter has registered yet.</p>}
      {adapters !== undefined && adapters.nodes.length > 0 && <AdapterTable adapters={adapters.nodes} />}
    </section>
  );
}

function summarize({ nodes, totalCount }: NonNullable<ListAdaptersQuery['adapters']>): string {
  const healthy = nodes.filter(({ state }) => state === 'HEALTHY').length;
  const shown = nodes.length < totalCount ? `, the first ${formatCount(nodes.length)} shown` : '';
  return `${formatQuantity(totalCount, 'adapter')}${shown}, ${formatCount(healthy)} healthy`;
}

function AdapterTable({ adapters }: { readonly adapters: readonly Adapter[] }) {
  return (
    <table class="cards adapters">
      <thead>
        <tr>
          <th scope="col">Adapter</th>
          <th scope="col">Kind</th>
          <th scope="col">Institution</th>
          <th scope="col">State</th>
          <th scope="col">Supports</th>
          <th scope="col">Last seen</th>
        </tr>
      </thead>
      <tbody>
        {adapters.map((adapter) => (
          <tr key={adapter.id}>
            <th scope="row">
              <span class="id">{adapter.id}</span>
              {adapter.name !== adapter.id && <span class="quiet sub">{adapter.name}</span>}
            </th>
            <td data-label="Kind">{ADAPTER_KINDS[adapter.kind]}</td>
            <td data-label="Institution">{adapter.institution.name ?? adapter.institution.id}</td>
            <td data-label="State">
              <StateBadge state={ADAPTER_STATES[adapter.state]} />
              {adapter.reason !== null && <span class="quiet sub">{adapter.reason}</span>}
            </td>
            <td data-label="Supports">
              <Supports names={adapter.supports} />
            </td>
            <td data-label="Last seen">
              <Instant at={adapter.lastSeenAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Supports({ names }: { readonly names: readonly string[] }) {
  if (names.length === 0) return <span class="quiet">nothing optional</span>;
  return (
    <ul class="supports">
      {names.map((name) => (
        <li key={name}>
          <code>{name}</code>
        </li>
      ))}
    </ul>
  );
}
