import { randomUUID } from 'node:crypto';
import type { Call } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import type { ManifestHash } from '../../core/ids.js';
import { nodeCrypto } from '../../core/node-crypto.js';
import { encodeProvenanceEntry, PROVENANCE_FORMAT } from '../../formats/provenance-entry.js';
import { type SignedManifest, signManifest, verifyManifest } from '../../formats/signed-manifest.js';
import { encodeSignedRecord, parseSignedRecord } from '../../formats/signed-record.js';
import { createJobError } from '../job-error.js';
import type { SubmitDatasetInput } from './gen/resolver-types.js';
import { publishWhereHeld } from './publish-manifest.js';
import type { TransferServices } from './services.js';
import { createSubmittedManifest, parseSubmission, submissionKey } from './submission.js';
import { isFinished, type TransferJobRecord } from './transfer-jobs.js';
import type { Uploads } from './uploads.js';

/** A submission whose manifest is signed: from here on a crash leads to the same dataset. */
interface SignedSubmission {
  readonly jobId: string;
  readonly recordJson: Uint8Array;
}

export interface Submitter {
  /**
   * Makes a dataset of uploaded files. The same input again gives the same dataset.
   * @throws BAD_INPUT with every problem, NOT_FOUND for a previous version that the swarm does not hold,
   *   SOURCE_UNAVAILABLE, STORAGE_FULL
   */
  submit(input: SubmitDatasetInput, call: Call): Promise<TransferJobRecord>;
  /** Ends what a crash interrupted. */
  resume(call: Call): Promise<void>;
  /** Forgets submissions that ended so long ago that their uploads are gone too. */
  removeExpired(): Promise<void>;
}

/** @param keptMs how long uploads are kept: as long can a submission be repeated */
export function createSubmitter(services: TransferServices, uploads: Uploads, keptMs: number): Submitter {
  const { jobs, state } = services;
  const submissions = state.openTable<SignedSubmission>('submissions');
  const running = new Map<string, Promise<TransferJobRecord>>();
  const active = new Set<string>();
  const end = async (submission: SignedSubmission, mayFail: boolean, call: Call): Promise<TransferJobRecord> => {
    active.add(submission.jobId);
    try {
      return await finish(services, submission, mayFail, call);
    } finally {
      active.delete(submission.jobId);
    }
  };

  const begin = async (input: SubmitDatasetInput, call: Call): Promise<TransferJobRecord> => {
    const { submission, uploads: files } = parseSubmission(input, uploads.read);
    const key = submissionKey(submission);
    const known = submissions.get(key);
    if (known) return end(known, true, call);
    if (submission.previousVersion !== undefined) await assertHeld(services, submission.previousVersion, call);
    const startedAt = new Date(services.now()).toISOString();
    const signed = signManifest(
      createSubmittedManifest(submission, files, startedAt),
      [services.signingKey],
      nodeCrypto,
    );
    const signedSubmission = { jobId: randomUUID(), recordJson: encodeSignedRecord(signed.record) };
    await state.commit(() => {
      void submissions.put(key, signedSubmission);
    });
    return end(signedSubmission, true, call);
  };

  return {
    submit: async (input, call) => {
      // One at a time for equal input, so that two clicks make one dataset.
      const key = [...input.uploadIds].sort().join();
      const before = running.get(key);
      const mine = before ? before.catch(() => undefined).then(() => begin(input, call)) : begin(input, call);
      running.set(key, mine);
      try {
        return await mine;
      } finally {
        if (running.get(key) === mine) running.delete(key);
      }
    },
    resume: async (call) => {
      for (const { value } of submissions.getRange()) {
        const job = jobs.read(value.jobId);
        if (active.has(value.jobId) || (job && isFinished(job))) continue;
        await end(value, false, call).catch((error: unknown) =>
          services.log.warn({ error, job: value.jobId }, 'A submission that was interrupted could not be ended'),
        );
      }
    },
    removeExpired: async () => {
      const expired = [...submissions.getRange()].filter(({ value }) => isExpired(services, value, keptMs));
      if (expired.length === 0) return;
      await state.commit(() => {
        for (const { key } of expired) void submissions.remove(key);
      });
    },
  };
}

function isExpired({ jobs, now }: TransferServices, { jobId }: SignedSubmission, keptMs: number): boolean {
  const job = jobs.read(jobId);
  return job !== undefined && isFinished(job) && now() - Date.parse(job.startedAt) > keptMs;
}

/**
 * Manifest to the swarm, record to the log, then the job is over. Each step may be done twice.
 * @param mayFail whether the job fails because somebody does not answer; else it stays as it is, to be tried again
 */
async function finish(
  services: TransferServices,
  submission: SignedSubmission,
  mayFail: boolean,
  call: Call,
): Promise<TransferJobRecord> {
  const { jobs, holdings, swarm } = services;
  const before = jobs.read(submission.jobId);
  if (before?.state === 'SUCCEEDED') return before;
  const signed = verifyManifest(parseSignedRecord(submission.recordJson), 'EMBEDDED', nodeCrypto);
  const base: TransferJobRecord = {
    id: submission.jobId,
    kind: 'SUBMIT',
    state: 'RUNNING',
    datasetId: signed.datasetId,
    startedAt: signed.manifest.createdAt,
    finishedAt: null,
    doneBytes: countBytes(signed),
    totalBytes: countBytes(signed),
    error: null,
  };
  await jobs.write(base);
  const end = async (changes: Partial<TransferJobRecord>): Promise<TransferJobRecord> => {
    const ended = { ...base, finishedAt: new Date(services.now()).toISOString(), ...changes };
    await jobs.write(ended);
    return ended;
  };
  try {
    await publishWhereHeld(swarm, signed, call);
    await services.recordProvenance(createSubmitEntry(services, signed));
  } catch (error) {
    if (mayFail || !SciclomaticError.from(error).retryable)
      await end({ state: 'FAILED', error: createJobError(error, 'storage') });
    throw error;
  }
  holdings.forget(signed.datasetId);
  return end({ state: 'SUCCEEDED' });
}

/** All of it follows from the manifest, so that a repeated attempt gives the log the same bytes. */
function createSubmitEntry({ institution, signingKey }: TransferServices, signed: SignedManifest): Uint8Array {
  const { createdAt, files, previousVersion } = signed.manifest;
  return encodeProvenanceEntry(
    {
      format: PROVENANCE_FORMAT,
      activity: 'SUBMIT',
      entity: signed.datasetId,
      manifestHash: signed.hash,
      agent: institution.id,
      used: previousVersion === undefined ? [] : [previousVersion],
      generated: [signed.datasetId],
      startedAt: createdAt,
      endedAt: createdAt,
      detail: { fileCount: files.length, totalSizeBytes: countBytes(signed) },
    },
    signingKey,
  );
}

async function assertHeld(services: TransferServices, previousVersion: string, call: Call): Promise<void> {
  const hash = previousVersion.slice(previousVersion.indexOf(':') + 1) as ManifestHash;
  if ((await services.swarm.findManifest({ hash }, call)) === undefined) {
    throw new SciclomaticError('NOT_FOUND', `previousVersion: the swarm does not hold ${previousVersion}`);
  }
}

const countBytes = ({ manifest }: SignedManifest): number =>
  manifest.files.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
