import type { ConformanceCase } from '../../conformance.js';
import { changeCases } from './change-cases.js';
import { cursorCases } from './cursor-cases.js';
import { facetCases } from './facet-cases.js';
import { languageCases } from './language-cases.js';
import { rankingCases } from './ranking-cases.js';
import type { SearchSubject } from './search-subject.js';

/** What every search index does, whatever it is built on. Each case expects a fresh, empty index. */
export const searchConformance: readonly ConformanceCase<SearchSubject>[] = [
  ...rankingCases,
  ...languageCases,
  ...facetCases,
  ...cursorCases,
  ...changeCases,
];
