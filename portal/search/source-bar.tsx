import { formatCount, formatInstant } from '../format.js';
import { Instant } from '../parts/instant.js';
import { StateBadge } from '../parts/state-badge.js';
import { SOURCE_STATES } from '../state-words.js';
import type { SearchAnswer } from './search-answer.js';

type Source = SearchAnswer['sources'][number];

/** Which repositories the answer speaks for: each one's state and datasets, and what people should know of it. */
export function SourceBar({ sources }: { readonly sources: readonly Source[] }) {
  if (sources.length === 0) return <p class="quiet sources">No repository is indexed here yet.</p>;
  const troubled = sources.filter(({ state }) => state !== 'OK');
  return (
    <section class="sources" aria-label="Sources of this answer">
      <ul class="source-list">
        {sources.map((source) => (
          <li key={source.repository.id} title={describeSource(source)}>
            <span class="source-name">{source.repository.id}</span>
            <span class="tabular">{formatCount(source.datasetCount)}</span>
            <StateBadge state={SOURCE_STATES[source.state]} />
          </li>
        ))}
      </ul>
      {troubled.length > 0 && (
        <ul class="source-messages">
          {troubled.map(({ repository, state, message, harvestedAt }) => (
            <li key={repository.id}>
              <strong>{repository.id}</strong> {message ?? SOURCE_STATES[state].word}
              {harvestedAt === null ? ' · never read to the end' : ' · last read to the end '}
              {harvestedAt !== null && <Instant at={harvestedAt} />}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function describeSource({ repository, datasetCount, harvestedAt }: Source): string {
  const read = harvestedAt === null ? 'never read to the end' : `last read ${formatInstant(harvestedAt)}`;
  return `${repository.name ?? repository.id}: ${formatCount(datasetCount)} datasets indexed, ${read}`;
}
