import { z } from 'zod';

/** Settings of the search subgraph. */
export const searchConfigSchema = z.object({
  /** Wait between two harvests of a repository, in milliseconds: a quarter of an hour, so that sources are not pressed. */
  harvestIntervalMs: z.number().int().min(100).default(900_000),
  /** Wait between two looks at the swarm, in milliseconds: short, so that what is submitted is found at once. */
  swarmIntervalMs: z.number().int().min(50).default(500),
  /** Wait between two looks for new repositories and for spool files, in milliseconds. */
  watchIntervalMs: z.number().int().min(20).default(250),
});

export type SearchConfig = z.infer<typeof searchConfigSchema>;
