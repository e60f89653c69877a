import { ReadDataset, type ReadDatasetQuery } from '../../clients/typescript/gen/operations.js';
import { formatBytes, formatTable } from '../output.js';
import { required, type Session } from '../session.js';

/** `sc show`: everything that is known of one dataset. */
export async function show(
  session: Session,
  id: string,
  options: { readonly files: number; readonly records: number },
): Promise<void> {
  const { data, errors } = await session.client.request(
    ReadDataset,
    { id, firstFiles: options.files, firstRecords: options.records },
    { signal: session.signal },
  );
  const dataset = required(data.dataset, errors, `Dataset ${id}`);
  session.output.partial(errors);
  session.output.result(dataset, describe(dataset));
}

type Dataset = NonNullable<ReadDatasetQuery['dataset']>;

function describe(dataset: Dataset): string[] {
  const { files, health, provenance } = dataset;
  const facts: [string, string | null | undefined][] = [
    ['id', dataset.id],
    ['creators', dataset.creators.map(({ name }) => name).join('; ')],
    ['published', dataset.publishedAt],
    ['license', dataset.license],
    ['doi', dataset.doi],
    ['subjects', dataset.subjects.join(', ')],
    ['page', dataset.landingPageUrl],
    ...dataset.parameters.map(({ name, value }): [string, string] => [name, value]),
  ];
  return [
    dataset.title,
    ...(dataset.description ? ['', dataset.description] : []),
    '',
    ...formatTable(
      ['', ''],
      facts.flatMap(([name, value]) => (value ? [[name, value]] : [])),
    ).slice(1),
    '',
    ...(files ? describeFiles(files) : ['files: not listed by the source']),
    '',
    ...(health
      ? [
          `health: ${health.state}: ${health.reason}`,
          ...formatTable(
            ['institution', 'copy', 'last audited', 'reason'],
            health.copies.map((copy) => [copy.institution.id, copy.state, copy.lastAuditedAt ?? 'never', copy.reason]),
          ),
        ]
      : ['health: not in the swarm']),
    '',
    ...(provenance
      ? [
          `provenance: ${provenance.records.totalCount} records`,
          ...formatTable(
            ['entry', 'activity', 'agent', 'recorded'],
            provenance.records.nodes.map((record) => [
              String(record.entryIndex),
              record.activity,
              record.agent,
              record.recordedAt,
            ]),
          ),
        ]
      : ['provenance: unknown']),
  ];
}

function describeFiles(files: NonNullable<Dataset['files']>): string[] {
  const rows = files.nodes.map((file) => [
    file.path,
    formatBytes(file.sizeBytes),
    file.checksums
      .map(({ algorithm, value, origin }) => `${algorithm}:${value.slice(0, 12)}… (${origin.toLowerCase()})`)
      .join(' ') || 'unverifiable: no checksum',
  ]);
  const more = files.pageInfo.hasNextPage ? [`… and ${files.totalCount - files.nodes.length} more (--files N)`] : [];
  return [
    `files: ${files.totalCount}, ${formatBytes(files.totalSizeBytes)}`,
    ...formatTable(['path', 'size', 'checksums'], rows),
    ...more,
  ];
}
