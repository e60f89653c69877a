import type { HighlightField } from '../../clients/typescript/gen/operations.js';
import { formatQuantity, formatRepository, formatSize, shortenText } from '../format.js';
import { plainFragment, renderExcerpt, renderFragment } from '../highlight.js';
import { Link } from '../parts/link.js';
import { StateBadge } from '../parts/state-badge.js';
import { datasetHref } from '../route.js';
import { HEALTH_STATES } from '../state-words.js';
import type { SearchAnswer } from './search-answer.js';

type Edge = SearchAnswer['edges'][number];
type DatasetSummary = Edge['node'];

const SUMMARY_LENGTH = 280;
const CREATORS_SHOWN = 3;

interface ResultListProps {
  readonly edges: readonly Edge[];
  /** The search, for the way back. */
  readonly from: string;
}

/** The matches, best first. */
export function ResultList({ edges, from }: ResultListProps) {
  return (
    <ol class="result-list">
      {edges.map((edge) => (
        <li key={edge.node.id}>
          <Result edge={edge} from={from} />
        </li>
      ))}
    </ol>
  );
}

function Result({ edge, from }: { readonly edge: Edge; readonly from: string }) {
  const { node } = edge;
  const title = fragmentsOf(edge, 'TITLE');
  return (
    <article class="result">
      <h2>
        <Link href={datasetHref(node.id)} state={{ from }}>
          {title[0] === undefined ? node.title : renderFragment(title[0])}
        </Link>
      </h2>
      <p class="result-byline">{byline(edge)}</p>
      <Summary edge={edge} />
      <Facts node={node} />
    </article>
  );
}

function fragmentsOf({ highlights }: Edge, field: HighlightField): readonly string[] {
  return highlights.filter((highlight) => highlight.field === field).flatMap(({ fragments }) => fragments);
}

/** Creators, those that match first and marked. */
function byline(edge: Edge) {
  const matching = fragmentsOf(edge, 'CREATOR');
  const plain = matching.map(plainFragment);
  const others = edge.node.creators.map(({ name }) => name).filter((name) => !plain.includes(name));
  const names = [...matching, ...others];
  if (names.length === 0) return <span class="quiet">No creator stated</span>;
  const shown = names
    .slice(0, CREATORS_SHOWN)
    .flatMap((name, index) => [index === 0 ? '' : '; ', ...renderFragment(name)]);
  return names.length > CREATORS_SHOWN ? [...shown, ` and ${names.length - CREATORS_SHOWN} more`] : shown;
}

function Summary({ edge }: { readonly edge: Edge }) {
  const fragments = fragmentsOf(edge, 'DESCRIPTION');
  const subjects = fragmentsOf(edge, 'SUBJECT');
  const { description } = edge.node;
  return (
    <>
      {fragments.length > 0 ? (
        <p class="result-summary">
          {fragments
            .slice(0, 2)
            .flatMap((fragment, index) => [index === 0 ? '' : ' ', ...renderExcerpt(fragment, description ?? '')])}
        </p>
      ) : (
        description && <p class="result-summary">{shortenText(description, SUMMARY_LENGTH)}</p>
      )}
      {subjects.length > 0 && (
        <p class="result-subjects quiet">
          Subjects: {subjects.flatMap((fragment, index) => [index === 0 ? '' : ', ', ...renderFragment(fragment)])}
        </p>
      )}
    </>
  );
}

function Facts({ node }: { readonly node: DatasetSummary }) {
  const { files, health } = node;
  return (
    <ul class="facts">
      <li>{formatRepository(node.repository)}</li>
      {node.publishedAt && <li>{node.publishedAt.slice(0, 10)}</li>}
      {node.resourceType && <li>{node.resourceType}</li>}
      {node.license && <li>{shortenText(node.license, 40)}</li>}
      {files !== null && (
        <li class="tabular">
          {formatQuantity(files.totalCount, 'file')}
          {files.totalSizeBytes === null ? '' : `, ${formatSize(files.totalSizeBytes)}`}
        </li>
      )}
      {health && (
        <li title={health.reason}>
          <span class="quiet">Health</span> <StateBadge state={HEALTH_STATES[health.state]} />
        </li>
      )}
    </ul>
  );
}
