import type { ComponentChildren } from 'preact';
import { formatCount, formatRepository, formatSize } from '../format.js';
import { Instant } from '../parts/instant.js';
import { Link } from '../parts/link.js';
import { datasetHref } from '../route.js';
import { EMPTY_SEARCH, type FilterField, searchHref } from '../search-state.js';
import type { Dataset } from './dataset.js';

const SUBJECTS_SHOWN = 24;

/** What the source states of the dataset. What it does not state is not listed. */
export function Metadata({ dataset }: { readonly dataset: Dataset }) {
  const { repository, manifest, previousVersion, parameters } = dataset;
  return (
    <aside class="metadata" aria-labelledby="metadata-title">
      <h2 id="metadata-title">Metadata</h2>
      <dl>
        <Row name="Repository">
          <Link href={filterHref('repository', repository.id)}>{formatRepository(repository)}</Link>
        </Row>
        <Row name="Last harvested">
          <Instant at={repository.harvestedAt} />
        </Row>
        <Row name="Published">{dataset.publishedAt}</Row>
        <Row name="Updated">{dataset.updatedAt}</Row>
        <Row name="Version">{dataset.version}</Row>
        <Row name="Type">{dataset.resourceType}</Row>
        <Row name="Licence">{dataset.license}</Row>
        <Row name="Language">{dataset.language}</Row>
        <Row name="DOI">
          {dataset.doi && (
            <a href={`https://doi.org/${encodeURI(dataset.doi)}`} rel="noreferrer">
              {dataset.doi}
            </a>
          )}
        </Row>
        <Row name="Previous version">
          {previousVersion && <Link href={datasetHref(previousVersion.id)}>{previousVersion.title}</Link>}
        </Row>
        <Row name="Manifest">
          {manifest && (
            <>
              <code class="id">{manifest.hash}</code>
              <span class="quiet tabular">
                {formatCount(manifest.chunkCount)} chunks, {formatSize(manifest.totalSizeBytes)}
              </span>
            </>
          )}
        </Row>
      </dl>
      <Subjects subjects={dataset.subjects} />
      {parameters.length > 0 && (
        <details open={parameters.length <= 12}>
          <summary>Parameters ({parameters.length})</summary>
          <dl class="parameters">
            {parameters.map(({ name, value }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: names may repeat
              <Row key={`${index} ${name}`} name={name}>
                <code>{value}</code>
              </Row>
            ))}
          </dl>
        </details>
      )}
    </aside>
  );
}

function Row({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  if (children === null || children === undefined || children === '') return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Subjects({ subjects }: { readonly subjects: readonly string[] }) {
  if (subjects.length === 0) return null;
  const shown = [...new Set(subjects)].slice(0, SUBJECTS_SHOWN);
  return (
    <>
      <h3>Subjects</h3>
      <ul class="chips">
        {shown.map((subject) => (
          <li key={subject}>
            <Link class="chip" href={filterHref('subject', subject)}>
              {subject}
            </Link>
          </li>
        ))}
        {subjects.length > shown.length && <li class="quiet">and {subjects.length - shown.length} more</li>}
      </ul>
    </>
  );
}

const filterHref = (field: FilterField, value: string): string =>
  searchHref({ ...EMPTY_SEARCH, filter: { [field]: [value] } });
