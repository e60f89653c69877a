import { Status } from '../../clients/typescript/gen/operations.js';
import { formatBytes, formatTable } from '../output.js';
import type { Session } from '../session.js';

/** `sc status`: the whole installation at a glance. */
export async function status(session: Session): Promise<void> {
  const { data, errors } = await session.client.request(Status, {}, { signal: session.signal });
  session.output.partial(errors);
  const { adapters, repositories, peers, auditor, log } = data;
  session.output.result(data, [
    ...formatTable(
      ['adapter', 'kind', 'institution', 'state', 'last seen', 'reason'],
      (adapters?.nodes ?? []).map((adapter) => [
        adapter.id,
        adapter.kind,
        adapter.institution.id,
        adapter.state,
        adapter.lastSeenAt,
        adapter.reason ?? '',
      ]),
    ),
    '',
    ...formatTable(
      ['repository', 'datasets', 'harvested'],
      (repositories?.nodes ?? []).map((repository) => [
        repository.id,
        String(repository.datasetCount ?? 'unknown'),
        repository.harvestedAt ?? 'never',
      ]),
    ),
    '',
    ...formatTable(
      ['peer', 'institution', 'answers', 'chunks', 'stored', 'free'],
      (peers?.nodes ?? []).map((peer) => [
        peer.id,
        peer.institution.id,
        peer.reachable ? 'yes' : 'no',
        String(peer.chunkCount ?? 'unknown'),
        formatBytes(peer.storedBytes),
        peer.freeBytes === null || peer.freeBytes === undefined ? 'unknown' : formatBytes(peer.freeBytes),
      ]),
    ),
    '',
    `swarm: ${auditor ? `${auditor.datasetCount} datasets, ${auditor.degradedCount} with too few good copies` : 'unknown'}`,
    `log: ${log ? `${log.origin}, ${log.size} entries` : 'unknown'}`,
  ]);
}
