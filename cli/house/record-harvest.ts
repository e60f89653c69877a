import { encodeProvenanceEntry } from '../../formats/provenance-entry.js';
import type { HarvestJobRecord } from '../../subgraphs/search/harvest-jobs.js';
import type { Standing } from './standing.js';

/** Tells the log of a harvest: what was read, how much of it, and the digest of the spool files it left. */
export function createHarvestRecorder({
  institution,
  recordProvenance,
}: Standing): (job: HarvestJobRecord) => Promise<void> {
  return (job) =>
    recordProvenance(
      encodeProvenanceEntry(
        {
          format: 'sciclomatic-provenance/1',
          activity: 'HARVEST',
          entity: job.repository,
          agent: institution.id,
          used: [job.repository],
          generated: [`sha256:${job.digest}`],
          startedAt: job.startedAt,
          endedAt: job.finishedAt ?? job.startedAt,
          detail: {
            jobId: job.id,
            full: job.full,
            datasetCount: job.recordCount,
            deletedCount: job.deletedCount,
            problemCount: job.problemCount,
            partCount: job.partCount,
          },
        },
        institution.signingKey,
      ),
    );
}
