import { SciclomaticError } from '../core/errors.js';

/** Why a job failed, as it is kept on disk and shown to clients: JobError of the schemas. */
export interface JobError {
  readonly code: string;
  readonly message: string;
  /** The repository, peer, institution or subgraph that failed. */
  readonly source: string;
}

/**
 * What a client may know of a failure.
 * @param subgraph the source of what names none: the subgraph whose job it is
 */
export function createJobError(thrown: unknown, subgraph: string): JobError {
  const { code, publicMessage, source = subgraph } = SciclomaticError.from(thrown);
  return { code, message: publicMessage, source };
}
