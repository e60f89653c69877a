import { z } from 'zod';

/** Settings of the registry subgraph. */
export const registryConfigSchema = z.object({
  /** How long an adapter's lease holds without a heartbeat, in milliseconds: three missed beats, long enough for a loaded machine. */
  leaseMs: z.number().int().min(500).max(3_600_000).default(10_000),
  /** Wait between health checks of the adapters, in milliseconds. */
  healthIntervalMs: z.number().int().min(100).max(3_600_000).default(2000),
});

export type RegistryConfig = z.infer<typeof registryConfigSchema>;
