import { z } from 'zod';

/** Settings of the provenance subgraph. */
export const provenanceConfigSchema = z.object({
  /** Name of the log, the first line of its checkpoints: a URL without scheme. */
  logOrigin: z
    .string()
    .regex(/^[^\s+]{1,256}$/, 'must have no white space and no "+"')
    .default('sciclomatic.local/log'),
  /** Where LedgerService listens. */
  ledgerHost: z.string().min(1).default('127.0.0.1'),
  /** 0 = any free port. */
  ledgerPort: z.number().int().min(0).max(65_535).default(0),
});
