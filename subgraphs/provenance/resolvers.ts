import { encodeBase64 } from '../../formats/bytes.js';
import type { Resolvers } from './gen/resolver-types.js';

/** Thin: places in the log in, loaders out. */
export const provenanceResolvers: Resolvers = {
  Query: {
    log: (_parent, _args, { log, call }) => log.readState(call),
    provenanceRecord: (_parent, { entryIndex }, { loaders }) => loaders.record.load(entryIndex),
  },
  Dataset: {
    __resolveReference: ({ id }) => ({ id }),
    provenance: ({ id }) => ({ datasetId: id }),
  },
  Provenance: {
    records: async ({ datasetId }, { first, after }, { log, call }) => {
      const { nodes, ...page } = await log.readPage(datasetId, first, after ?? undefined, call);
      return { ...page, nodes: [...nodes] };
    },
  },
  ProvenanceRecord: {
    id: ({ entryIndex }, _args, { log }) => `${log.origin}/${entryIndex}`,
    activity: ({ entry }) => entry.activity,
    entity: ({ entry }) => entry.entity,
    agent: ({ entry }) => entry.agent,
    used: ({ entry }) => [...entry.used],
    generated: ({ entry }) => [...entry.generated],
    recordedAt: ({ entry }) => new Date(entry.endedAt).toISOString(),
    detail: ({ entry }) => Object.entries(entry.detail).map(([name, value]) => ({ name, value: String(value ?? '') })),
    entry: ({ bytes }) => encodeBase64(bytes),
    proof: ({ entryIndex }, _args, { loaders }) => loaders.proof.load(entryIndex),
  },
};
