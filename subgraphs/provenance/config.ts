import { z } from 'zod';

/** Settings of the provenance subgraph. */
export const provenanceConfigSchema = z.object({
  /** Name of the log, the first line of its checkpoints: a URL without scheme; `sciclomatic/<institution>` when absent. */
  logOrigin: z
    .string()
    .regex(/^[^\s+]{1,256}$/, 'must have no white space and no "+"')
    .optional(),
});
