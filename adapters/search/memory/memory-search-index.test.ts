import { describe, expect, it } from '@jest/globals';
import { runConformance } from '../../conformance.js';
import { searchConformance } from '../conformance/search-conformance.js';
import { createSearchSubject } from '../conformance/search-subject.js';
import { createMemorySearchIndex } from './memory-search-index.js';

describe('createMemorySearchIndex', () => {
  for (const one of searchConformance) {
    it(one.name, async () => {
      let nowMs = 1_000_000;
      const [outcome] = await runConformance([one], () =>
        createSearchSubject({
          open: async () => createMemorySearchIndex({ now: () => nowMs }),
          advanceClock: (milliseconds) => {
            nowMs += milliseconds;
          },
        }),
      );
      const skipped = one.needs === 'reopens' ? 'does not support reopens' : undefined;
      expect([outcome?.state, outcome?.reason]).toEqual([skipped === undefined ? 'PASSED' : 'SKIPPED', skipped]);
    });
  }
});
