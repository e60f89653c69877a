import type { TestAnswer, TestHouse } from '../../start-test-house.js';

/** Every dataset of a repository in the index, page by page. */
export async function listIds(house: TestHouse, repository?: string): Promise<string[]> {
  interface Page {
    readonly searchDatasets: {
      readonly edges: readonly { readonly node: { readonly id: string } }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    };
  }
  const ids: string[] = [];
  let after: string | null = null;
  do {
    const answer: TestAnswer<Page> = await house.ask<Page>(
      `query ($after: String, $repository: [String!]) {
        searchDatasets(filter: { repository: $repository }, sort: ID, first: 100, after: $after) {
          edges { node { id } } pageInfo { hasNextPage endCursor }
        }
      }`,
      { after, repository: repository === undefined ? null : [repository] },
    );
    const { edges, pageInfo } = answer.data.searchDatasets;
    ids.push(...edges.map(({ node }) => node.id));
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
  return ids;
}

export async function readProblemCount(house: TestHouse, repository: string): Promise<number | undefined> {
  const { data } = await house.ask<{
    harvestJobs: { nodes: { repository: { id: string }; state: string; problemCount: number }[] };
  }>('{ harvestJobs(first: 1000) { nodes { repository { id } state problemCount } } }');
  return data.harvestJobs.nodes.find((job) => job.repository.id === repository)?.problemCount;
}

/** The institution from which the first copy was taken, as the log tells. */
export async function readUploadTaker(house: TestHouse, id: string): Promise<string | undefined> {
  const { data } = await house.ask<{
    dataset: { provenance: { records: { nodes: { activity: string; used: string[] }[] } } };
  }>('query ($id: ID!) { dataset(id: $id) { provenance { records(first: 100) { nodes { activity used } } } } }', {
    id,
  });
  const first = data.dataset.provenance.records.nodes.findLast(({ activity }) => activity === 'COPY');
  return first?.used[0]?.replace('peer:peer-', '');
}

/** What must be the same after a restart. */
export async function readEverything(house: TestHouse, datasets: readonly string[]) {
  const { data } = await house.ask<{
    log: { size: number; verifierKey: string };
    transferJobs: { nodes: { id: string }[] };
    harvestJobs: { nodes: { id: string }[] };
  }>(`{
    log { size verifierKey }
    transferJobs(first: 1000) { nodes { id state startedAt finishedAt dataset { id } } }
    harvestJobs(first: 1000) { nodes { id state startedAt finishedAt progress { done } } }
  }`);
  const entries: { id: string; entry: string }[] = [];
  for (const id of datasets) {
    const answer = await house.ask<{
      dataset: { provenance: { records: { nodes: { id: string; entry: string; activity: string }[] } } };
    }>(
      'query ($id: ID!) { dataset(id: $id) { provenance { records(first: 1000) { nodes { id activity entry } } } } }',
      {
        id,
      },
    );
    // A dataset shows its repository's newest harvest only, and that may be another one now.
    entries.push(...answer.data.dataset.provenance.records.nodes.filter(({ activity }) => activity !== 'HARVEST'));
  }
  return {
    ids: await listIds(house),
    log: data.log,
    transferJobs: data.transferJobs.nodes,
    harvestJobs: data.harvestJobs.nodes,
    entries,
  };
}
