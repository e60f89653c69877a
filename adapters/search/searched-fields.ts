import type { DatasetRecord } from '../../formats/dataset-record.js';

export interface SearchedField {
  readonly name: 'title' | 'subject' | 'creator' | 'description' | 'identifier';
  /** How much more a match here counts than one in the description. */
  readonly boost: number;
  /** A term that stands in the field of a record more than 2 ^ countBits - 1 times counts no more for it. */
  readonly countBits: number;
  /** The texts of a record that this field searches. */
  readonly listTexts: (record: DatasetRecord) => readonly string[];
}

/** Everything of a record that is searched; files and parameters are not. Order and bits, 32 in all, are part of stored indexes. */
export const SEARCHED_FIELDS: readonly SearchedField[] = [
  { name: 'title', countBits: 5, boost: 5, listTexts: (record) => [record.title] },
  { name: 'subject', countBits: 5, boost: 3, listTexts: (record) => record.subjects },
  { name: 'creator', countBits: 5, boost: 2, listTexts: (record) => record.creators.map((creator) => creator.name) },
  {
    name: 'description',
    countBits: 12,
    boost: 1,
    listTexts: (record) => (record.description === undefined ? [] : [record.description]),
  },
  { name: 'identifier', countBits: 5, boost: 5, listTexts: listIdentifiers },
];

/** Where the count of each field stands when the counts of all are packed in 32 bits, and its greatest value. */
export const COUNT_SHIFTS = SEARCHED_FIELDS.map((_, field) =>
  SEARCHED_FIELDS.slice(0, field).reduce((sum, { countBits }) => sum + countBits, 0),
);
export const COUNT_MAXIMA = SEARCHED_FIELDS.map(({ countBits }) => 2 ** countBits - 1);

function listIdentifiers(record: DatasetRecord): string[] {
  return [record.id, record.doi, ...record.creators.map((creator) => creator.orcid)].filter(
    (identifier) => identifier !== undefined,
  );
}

/**
 * Constants of BM25F (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, §3.6):
 * saturation of repeated words, and how much a long field weakens its words. The usual values of the field.
 */
export const BM25 = { saturation: 1.2, lengthWeight: 0.75 } as const;

/** Weight of a term that `matches` of `total` records hold; above 0 even when all of them do. */
export function inverseFrequency(matches: number, total: number): number {
  return Math.log(1 + (total - matches + 0.5) / (matches + 0.5));
}
