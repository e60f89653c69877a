import { z } from 'zod';

/** Settings of the storage subgraph. */
export const storageConfigSchema = z.object({
  /** How long a download link holds, in milliseconds: an hour, enough for a large file on a slow line to begin. */
  downloadLinkMs: z.number().int().min(1000).max(604_800_000).default(3_600_000),
  /** How long an upload link holds, in milliseconds. */
  uploadLinkMs: z.number().int().min(1000).max(604_800_000).default(3_600_000),
  /** How long an upload that no dataset names is kept, in milliseconds. */
  uploadKeptMs: z.number().int().min(1000).default(86_400_000),
  /** How long an answer of the peers about a dataset is used, in milliseconds: short, because a peer may die at any time. */
  holdingsFreshMs: z.number().int().min(0).max(600_000).default(2000),
  /** Mirrors that run at once; the others wait. */
  concurrentMirrors: z.number().int().min(1).max(64).default(2),
});

export type StorageConfig = z.infer<typeof storageConfigSchema>;
