import type { DatasetRecord } from '../../formats/dataset-record.js';
import { yearOf } from './contender.js';
import type { Corpus } from './generate-corpus.js';

export interface ExpectedAnswer {
  totalCount: number;
  /** Matches of the text, and of the filter unless it is by year. */
  yearSum: number;
}

/** Counts the answers to the first queries by walking through every record, with no index and no code of any engine. */
export function countAnswers(corpus: Corpus, recordCount: number, queryCount: number): ExpectedAnswer[] {
  const queries = Array.from({ length: queryCount }, (_, number) => corpus.createQuery(number));
  const answers = queries.map((): ExpectedAnswer => ({ totalCount: 0, yearSum: 0 }));
  const queriesByWord = new Map<string, number[]>();
  for (const [number, query] of queries.entries()) {
    for (const word of query.words) queriesByWord.set(word, [...(queriesByWord.get(word) ?? []), number]);
  }
  for (let number = 0; number < recordCount; number++) {
    const record = corpus.createRecord(number);
    const matching = new Set<number>();
    for (const word of listWords(record)) for (const query of queriesByWord.get(word) ?? []) matching.add(query);
    for (const query of matching) {
      const { filterField, filterValue } = queries[query] ?? { filterField: 'year', filterValue: '' };
      const answer = answers[query] ?? { totalCount: 0, yearSum: 0 };
      const passes = readValue(record, filterField) === filterValue;
      if (passes) answer.totalCount++;
      if (passes || filterField === 'year') answer.yearSum++;
    }
  }
  return answers;
}

function listWords(record: DatasetRecord): string[] {
  const texts = [record.title, record.description ?? '', ...record.subjects, ...record.creators.map((one) => one.name)];
  return texts.join(' ').split(/[^a-z0-9]+/);
}

function readValue(
  record: DatasetRecord,
  field: 'repository' | 'year' | 'license' | 'resourceType',
): string | undefined {
  if (field === 'repository') return record.id.slice(0, record.id.indexOf(':'));
  return field === 'year' ? yearOf(record) : record[field];
}
