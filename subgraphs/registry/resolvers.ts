import { pageByKey } from '../../core/cursor.js';
import type { Resolvers } from './gen/resolver-types.js';

export const resolvers: Resolvers = {
  Query: {
    adapters: (_root, { kind, first, after }, { adapters }) => {
      const entries = adapters.list().filter((entry) => !kind || entry.kind === kind);
      return { totalCount: entries.length, ...pageByKey('adapters', entries, ({ id }) => id, first, after) };
    },
    institutions: (_root, { first, after }, { adapters }) => {
      const ids = [...new Set(adapters.list().map(({ institution }) => institution.id))].sort();
      return pageByKey(
        'institutions',
        ids.map((id) => ({ id })),
        ({ id }) => id,
        first,
        after,
      );
    },
    repository: (_root, { id }, { adapters }) => (adapters.read(id)?.kind === 'REPOSITORY' ? { id } : null),
  },
  Adapter: {
    __resolveReference: ({ id }, { adapters }) => adapters.read(id) ?? null,
    reason: ({ reason }) => reason || null,
    supports: ({ supports }) => [...supports],
    lastSeenAt: ({ lastSeenAtMs }) => new Date(lastSeenAtMs).toISOString(),
  },
  Institution: {
    __resolveReference: ({ id }) => ({ id }),
    name: ({ id }, _arguments, { adapters }) =>
      adapters.list().find(({ institution }) => institution.id === id)?.institution.name ?? null,
    publicKey: ({ id }, _arguments, { adapters }) => {
      const key = adapters
        .list()
        .find(({ institution }) => institution.id === id && institution.publicKey.byteLength > 0)
        ?.institution.publicKey;
      return key ? Buffer.from(key).toString('base64') : null;
    },
  },
  Repository: {
    __resolveReference: ({ id }) => ({ id }),
    name: ({ id }, _arguments, { adapters }) => adapters.read(id)?.name ?? null,
    description: ({ id }, _arguments, { adapters }) => adapters.read(id)?.description ?? null,
    adapter: ({ id }, _arguments, { adapters }) => adapters.read(id) ?? null,
  },
};
