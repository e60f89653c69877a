import { describe, expect, it } from '@jest/globals';
import { createSigningKey, nodeCrypto } from '../core/node-crypto.js';
import { type Bundle, checkBundle, formatBundle, parseBundle, verifyBundle } from './bundle.js';
import { encodeBase64, encodeUtf8 } from './bytes.js';
import type { Manifest } from './manifest.js';
import { nobleCrypto } from './noble-crypto.js';
import { encodeProvenanceEntry, type ProvenanceEntry } from './provenance-entry.js';
import { signManifest } from './signed-manifest.js';
import { signCheckpoint } from './tlog/checkpoint.js';
import { proveInclusion } from './tlog/proof.js';
import { createVerifierKey, formatVerifierKey } from './tlog/signed-note.js';
import { formatTlogProof } from './tlog/tlog-proof.js';
import { leafHash, rootOf } from './tlog/tree.js';

const origin = 'observatory.example/log';
const logKey = createSigningKey();
const institutionKey = createSigningKey();
const manifest: Manifest = {
  format: 'sciclomatic-manifest/1',
  datasetId: null,
  metadata: { title: 'Empty', creators: [], subjects: [] },
  files: [],
  createdAt: '2026-01-31T12:00:00Z',
};
const signed = signManifest(manifest, [institutionKey], nodeCrypto);
const entryOf = (change: Partial<ProvenanceEntry> = {}): ProvenanceEntry => ({
  format: 'sciclomatic-provenance/1',
  activity: 'SUBMIT',
  entity: signed.datasetId,
  manifestHash: signed.hash,
  agent: 'observatory.example',
  used: [],
  generated: [signed.datasetId],
  startedAt: '2026-01-31T12:00:00Z',
  endedAt: '2026-01-31T12:00:00Z',
  detail: {},
  ...change,
});

async function createBundle(entries: readonly ProvenanceEntry[], signer = institutionKey): Promise<Bundle> {
  const logged = [encodeUtf8('older'), ...entries.map((entry) => encodeProvenanceEntry(entry, signer))];
  const leaves = logged.map((bytes) => leafHash(bytes, nodeCrypto));
  const checkpoint = signCheckpoint(
    { origin, size: leaves.length, root: rootOf(leaves, nodeCrypto) },
    logKey,
    nodeCrypto,
  );
  const readHash = (level: number, index: number) =>
    rootOf(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level), nodeCrypto);
  const records = logged.slice(1).map(async (bytes, position) => {
    const path = await proveInclusion(position + 1, leaves.length, readHash, nodeCrypto);
    return { entry: encodeBase64(bytes), proof: formatTlogProof({ index: position + 1, path, checkpoint }) };
  });
  return {
    format: 'sciclomatic-bundle/1',
    datasetId: signed.datasetId,
    manifest: signed.record,
    records: await Promise.all(records),
    logVerifierKey: formatVerifierKey(createVerifierKey(origin, logKey.publicKey, nodeCrypto)),
    institutionKeys: { 'observatory.example': encodeBase64(institutionKey.publicKey) },
  };
}

const failures = (bundle: Bundle, trust = {}) =>
  checkBundle(bundle, nodeCrypto, trust).checks.flatMap(({ item, error }) => (error ? [`${item}: ${error.code}`] : []));

describe('bundle', () => {
  const audit = entryOf({ activity: 'AUDIT', generated: [], endedAt: '2026-02-01T00:00:00Z' });

  it.each([
    ['node', nodeCrypto],
    ['noble', nobleCrypto],
  ])('comes back from its text and verifies with %s', async (_name, crypto) => {
    const bundle = await createBundle([entryOf(), audit]);
    expect(parseBundle(formatBundle(bundle))).toEqual(bundle);
    const report = verifyBundle(parseBundle(formatBundle(bundle)), crypto, { trustedLogKey: bundle.logVerifierKey });
    expect(report).toMatchObject({ datasetId: signed.datasetId, logKeyTrusted: true, manifest: { hash: signed.hash } });
    expect(report.records.map(({ index, size, entry }) => [index, size, entry.activity])).toEqual([
      [1, 3, 'SUBMIT'],
      [2, 3, 'AUDIT'],
    ]);
    expect(report.checks.map(({ item }) => item)).toEqual([
      'keys',
      'manifest',
      'record 0',
      'record 1',
      'manifest in the log',
    ]);
    expect(verifyBundle(bundle, crypto).logKeyTrusted).toBe(false);
  });

  it('reports the record that fails and keeps what the others say', async () => {
    const bundle = await createBundle([entryOf(), audit]);
    const [first, second] = bundle.records;
    if (!first || !second) throw new Error('two records expected');
    const swapped = { ...bundle, records: [first, { entry: second.entry, proof: first.proof }] };
    expect(failures(swapped)).toEqual(['record 1: PROOF_INVALID']);
    expect(checkBundle(swapped, nodeCrypto).records).toHaveLength(1);
    expect(() => verifyBundle(swapped, nodeCrypto)).toThrow(expect.objectContaining({ code: 'PROOF_INVALID' }));
  });

  it('is refused with another log, another key, another dataset or a record of another', async () => {
    const bundle = await createBundle([entryOf()]);
    const stranger = createSigningKey();
    const strangerKey = encodeBase64(stranger.publicKey);
    const otherLog = formatVerifierKey(createVerifierKey(origin, stranger.publicKey, nodeCrypto));
    expect(failures(bundle, { trustedLogKey: otherLog })).toContain('keys: SIGNATURE_INVALID');
    expect(failures({ ...bundle, logVerifierKey: otherLog })).toContain('record 0: SIGNATURE_INVALID');
    expect(failures({ ...bundle, logVerifierKey: 'none' })).toContain('keys: SIGNATURE_INVALID');
    expect(failures(bundle, { trustedInstitutionKeys: { 'observatory.example': strangerKey } })).toContain(
      'keys: SIGNATURE_INVALID',
    );
    for (const key of [strangerKey, 'AAAA', '!']) {
      expect(failures({ ...bundle, institutionKeys: { 'observatory.example': key } })).toContain(
        'manifest: SIGNATURE_INVALID',
      );
    }
    expect(failures({ ...bundle, institutionKeys: {} })).toContain('record 0: SIGNATURE_INVALID');
    expect(failures({ ...bundle, datasetId: 'zenodo:1' })).toContain('manifest: SIGNATURE_INVALID');
    expect(failures(await createBundle([entryOf()], stranger))).toContain('record 0: SIGNATURE_INVALID');
    const foreign = await createBundle([entryOf(), entryOf({ entity: 'zenodo:1', generated: [] })]);
    expect(failures(foreign)).toEqual(['record 1: PROOF_INVALID']);
  });

  it('is refused when no record names the manifest', async () => {
    const none = 'manifest in the log: PROOF_INVALID';
    expect(failures(await createBundle([]))).toEqual([none]);
    expect(failures(await createBundle([entryOf({ manifestHash: 'b'.repeat(64) })]))).toEqual([none]);
    expect(failures(await createBundle([entryOf({ manifestHash: undefined })]))).toEqual([none]);
  });

  it('is not parsed from what is none', async () => {
    const bundle = await createBundle([]);
    for (const change of [{ format: 'x' }, { datasetId: 'x' }, { manifest: {} }, { records: [{}] }, { more: 1 }]) {
      expect(() => parseBundle(JSON.stringify({ ...bundle, ...change }))).toThrow(
        expect.objectContaining({ code: 'SOURCE_INVALID_ANSWER' }),
      );
    }
    const twice = formatBundle(bundle).replace('"records"', '"datasetId": "zenodo:other", "records"');
    expect(() => parseBundle(twice)).toThrow(expect.objectContaining({ code: 'SOURCE_INVALID_ANSWER' }));
    expect(() => parseBundle('<html>')).toThrow(expect.objectContaining({ code: 'SOURCE_INVALID_ANSWER' }));
  });
});
