import { ListFiles, type ListFilesQuery } from '../../clients/typescript/gen/operations.js';
import { formatCount, formatQuantity, formatSize, safeHref, shortenDigest } from '../format.js';
import { CopyButton } from '../parts/copy-button.js';
import { Failure, PartialFailures } from '../parts/problem.js';
import { Skeleton } from '../parts/skeleton.js';
import type { ListPositions } from '../route.js';
import { PROTOCOLS } from '../state-words.js';
import { useQuery } from '../use-query.js';
import { ListPager } from './list-pager.js';

type FilePage = NonNullable<NonNullable<ListFilesQuery['dataset']>['files']>;
type DatasetFile = FilePage['nodes'][number];

const FILES_PER_PAGE = 20;

interface FilesSectionProps {
  readonly id: string;
  readonly lists: ListPositions;
  /** Asks anew whenever it changes. */
  readonly round: number;
}

/** The files: size, checksums with who vouches for them, and where to get the bytes. */
export function FilesSection({ id, lists, round }: FilesSectionProps) {
  const { after } = lists.files;
  const { data, errors, failure, isLoading, reload } = useQuery(
    ListFiles,
    {
      id,
      first: FILES_PER_PAGE,
      ...(after === undefined ? {} : { after }),
    },
    { round },
  );
  const files = data?.dataset?.files;
  return (
    <section aria-labelledby="files-title" aria-busy={isLoading}>
      <h2 id="files-title">
        Files
        {files && (
          <span class="quiet tabular">
            {formatQuantity(files.totalCount, 'file')}, {formatSize(files.totalSizeBytes)}
            {files.totalSizeBytes === null ? ' size' : ''}
          </span>
        )}
      </h2>
      {failure !== undefined && <Failure failure={failure} onRetry={reload} showsLast={data !== undefined} />}
      <PartialFailures errors={errors} />
      {files === undefined && isLoading && <Skeleton rows={3} label="Loading files" />}
      {files === null && errors.length === 0 && (
        <p class="quiet">The source does not list the files of this dataset.</p>
      )}
      {files && files.nodes.length === 0 && <p class="quiet">This dataset has no files.</p>}
      {files && files.nodes.length > 0 && (
        <div class={isLoading ? 'is-stale' : ''}>
          <FileTable files={files.nodes} />
          <ListPager
            id={id}
            lists={lists}
            list="files"
            label="Pages of files"
            count={files.nodes.length}
            totalCount={files.totalCount}
            pageInfo={files.pageInfo}
          />
        </div>
      )}
    </section>
  );
}

function FileTable({ files }: { readonly files: readonly DatasetFile[] }) {
  return (
    <table class="cards files">
      <thead>
        <tr>
          <th scope="col">Path</th>
          <th scope="col" class="number">
            Size
          </th>
          <th scope="col">Checksum</th>
          <th scope="col">Get</th>
        </tr>
      </thead>
      <tbody>
        {files.map((file) => (
          <tr key={file.id}>
            <th scope="row" class="path">
              {file.path}
            </th>
            <td
              class="number"
              data-label="Size"
              title={file.sizeBytes === null ? undefined : `${formatCount(file.sizeBytes)} bytes`}
            >
              {formatSize(file.sizeBytes)}
            </td>
            <td data-label="Checksum">
              <Checksums file={file} />
            </td>
            <td data-label="Get">
              <Downloads file={file} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Checksums({ file }: { readonly file: DatasetFile }) {
  if (file.checksums.length === 0) return <span class="quiet">none stated: unverifiable</span>;
  return (
    <ul class="checksums">
      {file.checksums.map(({ algorithm, value, origin }) => (
        <li key={`${algorithm} ${origin}`}>
          <span
            class="checksum"
            title={`${value}, ${origin === 'SOURCE' ? 'stated by the source' : 'computed by the swarm'}`}
          >
            {algorithm} <code>{shortenDigest(value)}</code>
          </span>
          <CopyButton text={value} label="Copy" description={`Copy ${algorithm} of ${file.path}`} />
        </li>
      ))}
    </ul>
  );
}

function Downloads({ file }: { readonly file: DatasetFile }) {
  const links = (file.downloads ?? []).flatMap(({ protocol, url }) => {
    const href = safeHref(url, window.location.href);
    return href === undefined ? [] : [{ protocol, href }];
  });
  if (links.length === 0) return <span class="quiet">no link now</span>;
  return (
    <ul class="downloads">
      {links.map(({ protocol, href }) => (
        <li key={href}>
          <a
            href={href}
            rel="noreferrer"
            download={protocol === 'SWARM_HTTP' ? file.path.split('/').at(-1) : undefined}
          >
            {PROTOCOLS[protocol]}
            <span class="visually-hidden"> {file.path}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}
