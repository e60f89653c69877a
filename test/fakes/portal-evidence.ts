import { createSigningKey, nodeCrypto } from '../../core/node-crypto.js';
import { encodeBase64, encodeUtf8 } from '../../formats/bytes.js';
import { encodeProvenanceEntry, type ProvenanceActivity } from '../../formats/provenance-entry.js';
import { signManifest } from '../../formats/signed-manifest.js';
import { signCheckpoint } from '../../formats/tlog/checkpoint.js';
import { proveInclusion } from '../../formats/tlog/proof.js';
import { createVerifierKey, formatVerifierKey } from '../../formats/tlog/signed-note.js';
import { formatTlogProof } from '../../formats/tlog/tlog-proof.js';
import { leafHash, rootOf } from '../../formats/tlog/tree.js';

const ORIGIN = 'log.example';
const AGENT = 'alps';
const AT = '2026-08-01T11:58:00.000Z';

/** A small log that is really signed: what the portal's own verification is tried on. */
export interface PortalEvidence {
  readonly manifest: { readonly hash: string; readonly signedRecord: string };
  readonly log: {
    readonly origin: string;
    readonly size: number;
    readonly checkpoint: string;
    readonly verifierKey: string;
  };
  readonly institutions: readonly { readonly id: string; readonly name: null; readonly publicKey: string }[];
  readonly activityOf: (entryIndex: number) => ProvenanceActivity;
  readonly entryOf: (entryIndex: number) => string;
  readonly proofOf: (entryIndex: number) => Promise<string>;
}

/** A log of `size` entries, of which those from `first` on are about the dataset: its mirror, then audits and copies. */
export function createPortalEvidence(datasetId: string, first: number, size: number): PortalEvidence {
  const logKey = createSigningKey();
  const institutionKey = createSigningKey();
  const signed = signManifest(
    {
      format: 'sciclomatic-manifest/1',
      datasetId,
      metadata: { title: 'Made up', creators: [], subjects: [] },
      files: [],
      createdAt: AT,
    },
    [institutionKey],
    nodeCrypto,
  );
  const activityOf = (entryIndex: number): ProvenanceActivity =>
    entryIndex === first ? 'MIRROR' : entryIndex % 3 === 0 ? 'COPY' : 'AUDIT';
  const entries = Array.from({ length: size }, (_, entryIndex) =>
    entryIndex < first
      ? encodeUtf8(`an older entry, ${entryIndex}`)
      : encodeProvenanceEntry(
          {
            format: 'sciclomatic-provenance/1',
            activity: activityOf(entryIndex),
            entity: datasetId,
            manifestHash: signed.hash,
            agent: AGENT,
            used: [datasetId],
            generated: [],
            startedAt: AT,
            endedAt: AT,
            // Rounds make the entries differ: equal bytes would be equal leaves.
            detail: { chunks: 120, round: entryIndex },
          },
          institutionKey,
        ),
  );
  const leaves = entries.map((entry) => leafHash(entry, nodeCrypto));
  const checkpoint = signCheckpoint({ origin: ORIGIN, size, root: rootOf(leaves, nodeCrypto) }, logKey, nodeCrypto);
  const verifierKey = formatVerifierKey(createVerifierKey(ORIGIN, logKey.publicKey, nodeCrypto));
  const readHash = (level: number, index: number) =>
    rootOf(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level), nodeCrypto);
  return {
    manifest: { hash: signed.hash, signedRecord: JSON.stringify(signed.record) },
    log: { origin: ORIGIN, size, checkpoint, verifierKey },
    institutions: [{ id: AGENT, name: null, publicKey: encodeBase64(institutionKey.publicKey) }],
    activityOf,
    entryOf: (entryIndex) => encodeBase64(entries[entryIndex] ?? new Uint8Array()),
    proofOf: async (entryIndex) => {
      const path = await proveInclusion(entryIndex, size, readHash, nodeCrypto);
      return formatTlogProof({ index: entryIndex, path, checkpoint });
    },
  };
}
