import { createCsvFile } from '../formats/csv.js';
import { createNpyFile } from '../formats/npy.js';
import type { SampleProcess } from '../sample-process.js';
import { createSeededRandom, type SeededRandom } from '../seeded-random.js';

const parameters = { side: 64, trials: 20, shownOccupation: 0.59, seed: 1957 };

/** Around the threshold of the square lattice, 0.5927. */
const OCCUPATIONS = Array.from({ length: 21 }, (_, index) => (50 + index) / 100);

interface Lattice {
  /** Number of the cluster that each site belongs to, from 1; 0 = empty. Row after row. */
  readonly clusters: readonly number[];
  readonly largestCluster: number;
  /** Whether a cluster reaches from the first row to the last. */
  readonly spans: boolean;
}

/** Fills each site with that probability and finds the clusters by flooding them one after the other. */
function fillLattice(occupation: number, random: SeededRandom): Lattice {
  const { side } = parameters;
  const occupied = Array.from({ length: side * side }, () => random.uniform() < occupation);
  const clusters = occupied.map(() => 0);
  let [cluster, largestCluster, spans] = [0, 0, false];
  for (let start = 0; start < clusters.length; start += 1) {
    if (!occupied[start] || clusters[start] !== 0) continue;
    cluster += 1;
    const sites = flood(start, cluster, occupied, clusters);
    largestCluster = Math.max(largestCluster, sites.length);
    spans ||= start < side && sites.some((site) => site >= side * (side - 1));
  }
  return { clusters, largestCluster, spans };
}

/** Writes the cluster's number to every site that can be reached from there, and gives the sites. */
function flood(start: number, cluster: number, occupied: readonly boolean[], clusters: number[]): number[] {
  const { side } = parameters;
  const sites: number[] = [];
  const reach = (site: number): void => {
    if (!occupied[site] || clusters[site] !== 0) return;
    clusters[site] = cluster;
    sites.push(site);
  };
  reach(start);
  // The list grows while it is walked: it ends with every site of the cluster in it.
  for (const site of sites) {
    if (site >= side) reach(site - side);
    if (site + side < occupied.length) reach(site + side);
    if (site % side > 0) reach(site - 1);
    if (site % side < side - 1) reach(site + 1);
  }
  return sites;
}

export const percolation: SampleProcess = {
  localId: 'percolation',
  title: 'Site percolation on a square lattice',
  description:
    'Sites of a square lattice are filled at random; neighbours that are both filled are connected. Above a threshold, 0.5927 in an infinite ' +
    'lattice, water would find a way from the top to the bottom. For each probability the share of lattices that are spanned ' +
    'and the mean size of the largest cluster, after the model of Broadbent and Hammersley, 1957.',
  subjects: ['statistical mechanics', 'phase transition', 'percolation', 'Monte Carlo'],
  parameters: { ...parameters, occupations: OCCUPATIONS.join(' ') },
  compute() {
    const { side, trials, shownOccupation, seed } = parameters;
    const random = createSeededRandom(seed);
    const rows = OCCUPATIONS.map((occupation) => {
      const lattices = Array.from({ length: trials }, () => fillLattice(occupation, random));
      const largest = lattices.reduce((sum, lattice) => sum + lattice.largestCluster, 0) / trials;
      return [occupation, lattices.filter((lattice) => lattice.spans).length / trials, largest / side ** 2];
    });
    return [
      createCsvFile({
        path: 'spanning.csv',
        description: 'share of lattices that are spanned, and of sites in the largest cluster',
        columns: ['occupation', 'spanning_share', 'largest_cluster_share'],
        rows,
      }),
      createNpyFile({
        path: 'clusters.npy',
        description: `one lattice at ${shownOccupation}: number of the cluster of each site, 0 = empty`,
        type: '<i4',
        shape: [side, side],
        values: fillLattice(shownOccupation, random).clusters,
      }),
    ];
  },
};
