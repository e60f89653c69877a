import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runConformance } from '../../conformance.js';
import { searchConformance } from '../conformance/search-conformance.js';
import { createSearchSubject } from '../conformance/search-subject.js';
import { createEmbeddedSearchIndex } from './embedded-search-index.js';

describe('createEmbeddedSearchIndex', () => {
  for (const one of searchConformance) {
    it(one.name, async () => {
      const dir = await mkdtemp(join(tmpdir(), 'sc-search-'));
      let nowMs = 1_000_000;
      const [outcome] = await runConformance([one], () =>
        createSearchSubject({
          open: () => createEmbeddedSearchIndex({ dir, now: () => nowMs }),
          reopens: true,
          advanceClock: (milliseconds) => {
            nowMs += milliseconds;
          },
          dispose: () => rm(dir, { recursive: true }),
        }),
      );
      expect([outcome?.state, outcome?.reason]).toEqual(['PASSED', undefined]);
    });
  }
});
