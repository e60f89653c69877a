import { parseDatasetId } from '../../core/ids.js';
import type { Resolvers } from './gen/resolver-types.js';
import type { ShownCopy, ShownHealth } from './health-view.js';

/** Thin: ids in, loaders out. */
export const replicationResolvers: Resolvers = {
  Query: {
    auditor: (_parent, _args, { replication }) => {
      const { datasetCount, degradedCount, lastRoundAtMs } = replication.readAuditor();
      return { datasetCount, degradedCount, lastRoundAt: formatInstant(lastRoundAtMs) };
    },
  },
  Mutation: {
    auditDataset: async (_parent, { input }, { replication, loaders, call }) => {
      const id = parseDatasetId(input.datasetId);
      await replication.auditDataset(id, call);
      loaders.health.clear(id);
      return { dataset: { id } };
    },
  },
  Dataset: {
    __resolveReference: ({ id }) => ({ id }),
    health: async ({ id }, _args, { loaders }) => {
      const health = await loaders.health.load(parseDatasetId(id));
      return health && formatHealth(health);
    },
  },
};

function formatHealth(health: ShownHealth) {
  const { state, reason, requiredCopies, missingCopies, totalChunkCount } = health;
  return {
    state,
    reason,
    requiredCopies,
    missingCopies,
    copies: health.copies.map((copy) => formatCopy(copy, totalChunkCount)),
    lastAuditedAt: formatInstant(health.lastAuditedAtMs),
  };
}

function formatCopy(copy: ShownCopy, totalChunkCount: number) {
  const { state, reason, heldChunkCount } = copy;
  return {
    institution: { id: copy.institutionId },
    peer: { id: copy.peerId },
    state,
    reason,
    heldChunkCount,
    totalChunkCount,
    lastAuditedAt: formatInstant(copy.lastAuditedAtMs),
  };
}

function formatInstant(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
