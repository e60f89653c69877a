import { pageByKey } from '../../core/cursor.js';
import { createFileId, parseDatasetId, splitFileId } from '../../core/ids.js';
import { encodeSignedRecord } from '../../formats/signed-record.js';
import type { Context } from './context.js';
import { createFileLink } from './file-route.js';
import type { Download, Resolvers } from './gen/resolver-types.js';
import type { FileParent } from './parents.js';
import { transferJobKey } from './transfer-jobs.js';
import { createUploadLink } from './upload-route.js';

export const resolvers: Resolvers = {
  Query: {
    peers: async (_root, { first, after }, { loaders }) =>
      pageByKey('peers', await loaders.listPeers(), ({ id }) => id, first, after),
    transferJob: (_root, { id }, { jobs }) => jobs.read(id) ?? null,
    transferJobs: (_root, { first, after }, { jobs }) =>
      pageByKey('transferJobs', jobs.list(), transferJobKey, first, after),
  },
  Mutation: {
    createUploads: async (_root, { input }, { uploads, links, publicUrl, config, now }) => {
      const expiresAtMs = now() + config.uploadLinkMs;
      const expiresAt = new Date(expiresAtMs).toISOString();
      const created = await uploads.create(input);
      return {
        uploads: created.map(({ id, path }) => ({
          id,
          path,
          url: publicUrl + createUploadLink(links, id, expiresAtMs),
          expiresAt,
        })),
      };
    },
    submitDataset: async (_root, { input }, { submitter, call }) => {
      const job = await submitter.submit(input, call);
      return { dataset: { id: parseDatasetId(job.datasetId ?? '') }, job };
    },
    mirrorDataset: async (_root, { input }, { mirrorer }) => ({
      job: await mirrorer.start(parseDatasetId(input.datasetId)),
    }),
  },
  Dataset: {
    __resolveReference: ({ id }) => ({ id: parseDatasetId(id) }),
    manifest: async ({ id }, _arguments, { loaders }) => {
      const holding = await loaders.holdings.load(id);
      if (holding === undefined) return null;
      const { hash, record, manifest } = holding.signed;
      return {
        hash,
        signedRecord: Buffer.from(encodeSignedRecord(record)).toString('utf8'),
        chunkCount: manifest.files.reduce((count, { chunkIds }) => count + chunkIds.length, 0),
        totalSizeBytes: manifest.files.reduce((total, { sizeBytes }) => total + sizeBytes, 0),
      };
    },
  },
  File: {
    __resolveReference: (reference) => {
      const { dataset, path } = splitFileId(reference.id);
      const sourceUrl = 'sourceUrl' in reference ? reference.sourceUrl : null;
      return { datasetId: dataset, path, sourceUrl: typeof sourceUrl === 'string' ? sourceUrl : null };
    },
    id: ({ datasetId, path }) => createFileId(datasetId, path),
    downloads: listDownloads,
  },
  Peer: {
    __resolveReference: async ({ id }, { loaders }) =>
      (await loaders.listPeers()).find((peer) => peer.id === id) ?? null,
    institution: ({ institutionId }) => ({ id: institutionId }),
    reachable: async ({ id }, _arguments, { loaders }) => (await loaders.usage.load(id)) !== undefined,
    chunkCount: async ({ id }, _arguments, { loaders }) => (await loaders.usage.load(id))?.chunkCount ?? null,
    storedBytes: async ({ id }, _arguments, { loaders }) => (await loaders.usage.load(id))?.storedBytes ?? null,
    freeBytes: async ({ id }, _arguments, { loaders }) => (await loaders.usage.load(id))?.freeBytes ?? null,
  },
  Job: { __resolveType: () => 'TransferJob' },
  TransferJob: {
    progress: ({ doneBytes, totalBytes }) => ({ done: doneBytes, total: totalBytes, unit: 'bytes' }),
    dataset: ({ datasetId }) => (datasetId === null ? null : { id: datasetId }),
    error: ({ error }) => error && { ...error, source: error.source ?? 'storage' },
  },
};

async function listDownloads(
  { datasetId, path, sourceUrl }: FileParent,
  _arguments: object,
  { loaders, links, publicUrl, config, now }: Context,
): Promise<Download[]> {
  const downloads: Download[] = [];
  const holding = await loaders.holdings.load(datasetId);
  if (holding?.filesByPath.has(path)) {
    const expiresAtMs = now() + config.downloadLinkMs;
    downloads.push({
      protocol: 'SWARM_HTTP',
      url: publicUrl + createFileLink(links, datasetId, path, expiresAtMs),
      expiresAt: new Date(expiresAtMs).toISOString(),
    });
  }
  if (sourceUrl !== null) downloads.push({ protocol: 'SOURCE', url: sourceUrl, expiresAt: null });
  return downloads;
}
