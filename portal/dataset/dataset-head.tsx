import { useState } from 'preact/hooks';
import { formatRepository, safeHref, shortenText } from '../format.js';
import { CopyButton } from '../parts/copy-button.js';
import { StateBadge } from '../parts/state-badge.js';
import { ADAPTER_STATES } from '../state-words.js';
import type { Dataset } from './dataset.js';

const DESCRIPTION_LENGTH = 1200;
const CREATORS_SHOWN = 12;

/** Title, creators, description and where the dataset was published. */
export function DatasetHead({ dataset }: { readonly dataset: Dataset }) {
  const { repository } = dataset;
  const landingPage = safeHref(dataset.landingPageUrl, window.location.href);
  return (
    <header class="dataset-head">
      <h1>{dataset.title}</h1>
      <Creators creators={dataset.creators} />
      <p class="dataset-id">
        <code class="id">{dataset.id}</code>
        <CopyButton text={dataset.id} label="Copy id" />
        {landingPage !== undefined && (
          <a class="button" href={landingPage} rel="noreferrer">
            Open at {repository.name ?? repository.id}
          </a>
        )}
      </p>
      {repository.adapter !== null && repository.adapter.state !== 'HEALTHY' && (
        <p class="notice tone-warn">
          {formatRepository(repository)} <StateBadge state={ADAPTER_STATES[repository.adapter.state]} />{' '}
          {repository.adapter.reason === null ? '' : `${repository.adapter.reason}. `}What stands here is from its last
          harvest.
        </p>
      )}
      <Description text={dataset.description} />
    </header>
  );
}

function Creators({ creators }: { readonly creators: Dataset['creators'] }) {
  const [showsAll, setShowsAll] = useState(false);
  if (creators.length === 0) return <p class="quiet">No creator stated</p>;
  const shown = showsAll ? creators : creators.slice(0, CREATORS_SHOWN);
  return (
    <ul class="creators">
      {shown.map(({ name, orcid, affiliation }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a source may name the same creator twice
        <li key={`${index} ${name}`} title={affiliation ?? undefined}>
          {orcid !== null && /^[\dX-]{19}$/.test(orcid) ? (
            <a href={`https://orcid.org/${orcid}`} rel="noreferrer">
              {name}
            </a>
          ) : (
            name
          )}
        </li>
      ))}
      {!showsAll && creators.length > CREATORS_SHOWN && (
        <li>
          <button type="button" class="quiet-button" onClick={() => setShowsAll(true)}>
            and {creators.length - CREATORS_SHOWN} more
          </button>
        </li>
      )}
    </ul>
  );
}

function Description({ text }: { readonly text: string | null }) {
  const [showsAll, setShowsAll] = useState(false);
  if (!text) return <p class="quiet">No description.</p>;
  const isLong = text.length > DESCRIPTION_LENGTH;
  return (
    <div class="description">
      <p>{isLong && !showsAll ? shortenText(text, DESCRIPTION_LENGTH) : text}</p>
      {isLong && (
        <button type="button" class="quiet-button" aria-expanded={showsAll} onClick={() => setShowsAll(!showsAll)}>
          {showsAll ? 'Show less' : 'Show all'}
        </button>
      )}
    </div>
  );
}
