import type { DatasetRecord } from '../../formats/dataset-record.js';

/** Numbers from 0 up to 1, the same for the same seed (Marsaglia's xorshift with a Weyl sequence). */
export function createRandom(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  let weyl = 0;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    weyl = (weyl + 362437) >>> 0;
    return ((state + weyl) >>> 0) / 2 ** 32;
  };
}

/** Draws places 0 to count - 1, the n-th with a chance proportional to 1 / (n + shift) ^ exponent. */
function createZipf(count: number, exponent: number, shift: number): (random: number) => number {
  const cumulated = new Float64Array(count);
  let sum = 0;
  for (let place = 0; place < count; place++) {
    sum += (place + shift) ** -exponent;
    cumulated[place] = sum;
  }
  return (random) => {
    const wanted = random * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulated[middle] as number) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

const SYLLABLES = 'ba ce di fo gu ha ki lo mu na pe qui ra si to ul ver wa xe yo zin tral mon pol graph ther'.split(
  ' ',
);

function createWords(count: number, random: () => number): string[] {
  const words = new Set<string>();
  while (words.size < count) {
    const length = 1 + Math.floor(random() * 4);
    words.add(Array.from({ length }, () => SYLLABLES[Math.floor(random() * SYLLABLES.length)]).join(''));
  }
  return [...words].sort((left, right) => left.length - right.length);
}

export const REPOSITORIES = ['zenodo', 'dryad', 'figshare', 'pangaea', 'aws', 'dataverse', 'osf', 'sc'] as const;
const LICENSES = ['CC-BY-4.0', 'CC0-1.0', 'CC-BY-SA-4.0', 'MIT', 'ODbL-1.0', 'CC-BY-NC-4.0', 'Apache-2.0'];
const RESOURCE_TYPES = ['Dataset', 'Software', 'Image', 'Text', 'Collection', 'Model'];
const SEED = 20_260_101;
/** Words of the corpus: an index of real abstracts of this size has some 10^5 to 10^6, most of them rare. */
const VOCABULARY = 120_000;

export interface Corpus {
  /** The n-th record, the same in every process. */
  createRecord(number: number): DatasetRecord;
  /** The n-th query, drawn from the words, values and habits of the records. */
  createQuery(number: number): CorpusQuery;
}

export interface CorpusQuery {
  readonly words: readonly string[];
  readonly filterField: 'repository' | 'year' | 'license' | 'resourceType';
  readonly filterValue: string;
}

/**
 * Dataset records as repositories have them, of about 1.3 kB: titles of 4 to 14 words, descriptions of 20 to 400
 * words (median about 100), Zipf-distributed words, creators and subjects.
 */
export function createCorpus(): Corpus {
  const random = createRandom(SEED);
  const words = createWords(VOCABULARY, random);
  const pickWord = createZipf(VOCABULARY, 1.05, 2.7);
  const pickTopic = createZipf(6000, 0.8, 5);
  const pickCreator = createZipf(150_000, 0.6, 20);
  const pickPlace = createZipf(8, 1, 1);
  const word = (draw: () => number): string => words[pickWord(draw())] as string;
  const sentence = (draw: () => number, count: number): string =>
    Array.from({ length: count }, () => word(draw)).join(' ');
  const pick = <Value>(values: readonly Value[], draw: () => number): Value =>
    values[pickPlace(draw()) % values.length] as Value;

  const createRecord = (number: number): DatasetRecord => {
    const draw = createRandom(SEED + 1 + number * 7919);
    const repository = pick(REPOSITORIES, draw);
    const doi = `10.${5000 + (number % 40)}/${repository}.${number}`;
    const length = Math.min(400, Math.max(20, Math.round(100 * Math.exp(0.6 * (draw() + draw() + draw() - 1.5) * 2))));
    const list = <Value>(most: number, create: () => Value): Value[] =>
      Array.from({ length: Math.floor(draw() ** 2 * (most + 1)) }, create);
    return {
      id: `${repository}:${doi}`,
      title: sentence(draw, 4 + Math.floor(draw() * 11)),
      description: `${sentence(draw, length)}.`,
      creators: [0, ...list(9, () => 0)].map(() => {
        const creator = pickCreator(draw());
        return { name: `${words[20_000 + (creator % 90_000)]}, ${words[creator % 700]}` };
      }),
      subjects: list(10, () => {
        const topic = pickTopic(draw());
        return `${words[500 + topic]} ${words[(topic * 31) % 3000]}`;
      }),
      ...(draw() < 0.9 ? { license: pick(LICENSES, draw) } : {}),
      doi,
      publishedAt: `${2026 - Math.floor(draw() ** 2 * 30)}-0${1 + (number % 9)}-1${number % 10}`,
      resourceType: pick(RESOURCE_TYPES, draw),
      files: list(12, () => 0).map((_, file) => ({
        path: `data/part-${String(file).padStart(3, '0')}.csv`,
        sizeBytes: Math.floor(draw() * 1e9),
        checksums: [
          {
            algorithm: 'md5',
            value: Math.floor(draw() * 2 ** 48)
              .toString(16)
              .padStart(32, '0'),
            origin: 'SOURCE',
          },
        ],
      })),
    };
  };

  return {
    createRecord,
    createQuery(number) {
      const draw = createRandom(SEED ^ (number * 104_729 + 13));
      const count = 1 + (number % 3);
      // People leave out the commonest words; every tenth query has one all the same.
      const drawWord = (): string => {
        const drawn = word(draw);
        return number % 10 === 0 || words.indexOf(drawn) >= 60 ? drawn : drawWord();
      };
      const chosen = Array.from({ length: count }, drawWord);
      const filterField = (['repository', 'year', 'license', 'resourceType'] as const)[number % 4] ?? 'repository';
      const values = {
        repository: REPOSITORIES,
        year: ['2026', '2025', '2024', '2020'],
        license: LICENSES,
        resourceType: RESOURCE_TYPES,
      };
      return { words: chosen, filterField, filterValue: pick(values[filterField], draw) };
    },
  };
}
