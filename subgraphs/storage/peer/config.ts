import { z } from 'zod';

/** Settings of a storage peer. */
export const peerConfigSchema = z.object({
  /** Bytes that a peer may keep; no limit but the disk's when absent. */
  quotaBytes: z.number().int().positive().optional(),
  /**
   * How long a peer keeps a chunk that no manifest names after it was last written or asked for, in milliseconds: a week,
   * because an upload may wait a day for its submission, and an interrupted mirror for somebody who looks. At least an
   * hour, because a running mirror asks for its chunks every ten minutes.
   */
  unnamedChunkKeptMs: z.number().int().min(3_600_000).default(604_800_000),
});
