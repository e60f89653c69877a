import { z } from 'zod';
import { SciclomaticError } from '../core/errors.js';
import { type DatasetId, type ManifestHash, parseDatasetId } from '../core/ids.js';
import { decodeBase64, equalBytes } from './bytes.js';
import { type FormatCrypto, PUBLIC_KEY_BYTES } from './crypto.js';
import type { Manifest } from './manifest.js';
import { type ProvenanceEntry, parseProvenanceEntry, verifyProvenanceEntry } from './provenance-entry.js';
import { verifyManifest } from './signed-manifest.js';
import { parseSignedRecord, type SignedRecord } from './signed-record.js';
import { parseStrictJson } from './strict-json.js';
import { parseVerifierKey } from './tlog/signed-note.js';
import { parseTlogProof, verifyTlogProof } from './tlog/tlog-proof.js';

/**
 * Everything needed to check a dataset offline, in one JSON file: its signed manifest, the log's records about it, each
 * with its proof, and the keys. File bytes are then checked against the manifest (`createFileVerifier`).
 */
export interface Bundle {
  readonly format: typeof BUNDLE_FORMAT;
  readonly datasetId: string;
  readonly manifest: SignedRecord;
  readonly records: readonly BundleRecord[];
  /** Key of the log that the proofs are of, C2SP text form. */
  readonly logVerifierKey: string;
  /** Institution id to base64 of its raw Ed25519 public key. */
  readonly institutionKeys: Readonly<Record<string, string>>;
}

export interface BundleRecord {
  /** Base64 of the entry as the log keeps it. */
  readonly entry: string;
  /** C2SP tlog-proof text. */
  readonly proof: string;
}

export interface BundleTrust {
  /** The log's key, known from elsewhere; without it the bundle vouches for its own log, and the report says so. */
  readonly trustedLogKey?: string | undefined;
  /** Keys of institutions known from elsewhere, base64; one that the bundle contradicts fails. */
  readonly trustedInstitutionKeys?: Readonly<Record<string, string>> | undefined;
}

/** One thing that was checked, e.g. `manifest` or `record 2`. */
export interface BundleCheck {
  readonly item: string;
  readonly error: SciclomaticError | null;
}

export interface BundleReport {
  readonly datasetId: DatasetId;
  /** Null when the manifest does not verify. */
  readonly manifest: { readonly hash: ManifestHash; readonly content: Manifest } | null;
  /** Records that verify, in the bundle's order. */
  readonly records: readonly VerifiedBundleRecord[];
  /** True when the caller knew the log's key from elsewhere. */
  readonly logKeyTrusted: boolean;
  /** Every check in order, passed or not. */
  readonly checks: readonly BundleCheck[];
}

export interface VerifiedBundleRecord {
  readonly entry: ProvenanceEntry;
  /** Index in the log. */
  readonly index: number;
  readonly origin: string;
  /** Size of the log at the checkpoint that the proof leads to. */
  readonly size: number;
}

export const BUNDLE_FORMAT = 'sciclomatic-bundle/1';

const bundleSchema = z.strictObject({
  format: z.literal(BUNDLE_FORMAT),
  datasetId: z.string().max(8192),
  manifest: z.unknown(),
  records: z.array(z.strictObject({ entry: z.string().max(90_000), proof: z.string().max(1_000_000) })).max(100_000),
  logVerifierKey: z.string().max(1024),
  institutionKeys: z.record(z.string().max(64), z.string().max(64)),
});

/** The bundle as the text of a file. */
export const formatBundle = (bundle: Bundle): string => `${JSON.stringify(bundle, null, 2)}\n`;

/** Reads a bundle from outside; nothing of it is checked but its form. @throws SOURCE_INVALID_ANSWER */
export function parseBundle(text: Uint8Array | string): Bundle {
  const refuse = (problem: string, cause: unknown) =>
    new SciclomaticError('SOURCE_INVALID_ANSWER', `Not a bundle: ${problem}`, { cause });
  let value: unknown;
  try {
    value = parseStrictJson(text);
  } catch (error) {
    throw refuse(SciclomaticError.from(error).message, error);
  }
  const parsed = bundleSchema.safeParse(value);
  if (!parsed.success) {
    throw refuse(
      parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
      parsed.error,
    );
  }
  try {
    parseDatasetId(parsed.data.datasetId);
  } catch (error) {
    throw refuse('datasetId is none', error);
  }
  return { ...parsed.data, manifest: parseSignedRecord(JSON.stringify(parsed.data.manifest)) };
}

/** Checks everything and reports each item, the failed ones too. Never throws for a bundle that `parseBundle` gave. */
export function checkBundle(bundle: Bundle, crypto: FormatCrypto, trust: BundleTrust = {}): BundleReport {
  const checks: BundleCheck[] = [];
  const run = <Result>(item: string, verify: () => Result): Result | undefined => {
    try {
      const result = verify();
      checks.push({ item, error: null });
      return result;
    } catch (error) {
      checks.push({ item, error: SciclomaticError.from(error) });
      return undefined;
    }
  };
  const keys = run('keys', () => verifyKeys(bundle, crypto, trust));
  const signed = run('manifest', () => verifyBundleManifest(bundle, keys?.institutions ?? new Map(), crypto));
  const records = bundle.records.flatMap((record, position) => {
    const verified = run(`record ${position}`, () => {
      if (keys === undefined) throw new SciclomaticError('SIGNATURE_INVALID', 'The keys of the bundle are not valid');
      return verifyBundleRecord(record, bundle.datasetId, keys, crypto);
    });
    return verified === undefined ? [] : [verified];
  });
  run('manifest in the log', () => {
    if (!records.some(({ entry }) => signed !== undefined && entry.manifestHash === signed.hash)) {
      throw new SciclomaticError('PROOF_INVALID', 'No verified record of the log names this manifest');
    }
  });
  return {
    datasetId: bundle.datasetId as DatasetId,
    manifest: signed === undefined ? null : { hash: signed.hash, content: signed.manifest },
    records,
    logKeyTrusted: trust.trustedLogKey !== undefined && keys !== undefined,
    checks,
  };
}

/** The report, when every check passes. @throws SIGNATURE_INVALID, PROOF_INVALID or SOURCE_INVALID_ANSWER of the first that fails */
export function verifyBundle(bundle: Bundle, crypto: FormatCrypto, trust: BundleTrust = {}): BundleReport {
  const report = checkBundle(bundle, crypto, trust);
  const failed = report.checks.find(({ error }) => error !== null);
  if (failed?.error) throw failed.error;
  return report;
}

interface BundleKeys {
  readonly log: ReturnType<typeof parseVerifierKey>;
  readonly institutions: ReadonlyMap<string, Uint8Array>;
}

function verifyKeys(bundle: Bundle, crypto: FormatCrypto, trust: BundleTrust): BundleKeys {
  const refuse = (problem: string) => new SciclomaticError('SIGNATURE_INVALID', `Bundle: ${problem}`);
  if (trust.trustedLogKey !== undefined && trust.trustedLogKey !== bundle.logVerifierKey) {
    throw refuse('the log is not the trusted one');
  }
  const institutions = new Map<string, Uint8Array>();
  for (const [institution, text] of Object.entries(bundle.institutionKeys)) {
    const key = readKey(text);
    if (key?.length !== PUBLIC_KEY_BYTES) throw refuse(`the key of ${JSON.stringify(institution)} is none`);
    const { trustedInstitutionKeys = {} } = trust;
    const trusted = Object.hasOwn(trustedInstitutionKeys, institution)
      ? trustedInstitutionKeys[institution]
      : undefined;
    const expected = trusted === undefined ? key : readKey(trusted);
    if (expected === undefined || !equalBytes(key, expected)) {
      throw refuse(`the key of ${JSON.stringify(institution)} is not the trusted one`);
    }
    institutions.set(institution, key);
  }
  let log: BundleKeys['log'];
  try {
    log = parseVerifierKey(bundle.logVerifierKey, crypto);
  } catch (error) {
    throw new SciclomaticError('SIGNATURE_INVALID', 'Bundle: the key of the log is none', { cause: error });
  }
  return { log, institutions };
}

function readKey(text: string): Uint8Array | undefined {
  try {
    return decodeBase64(text);
  } catch {
    return undefined;
  }
}

function verifyBundleManifest(bundle: Bundle, institutions: ReadonlyMap<string, Uint8Array>, crypto: FormatCrypto) {
  const signed = verifyManifest(bundle.manifest, [...institutions.values()], crypto);
  if (signed.datasetId !== bundle.datasetId) {
    throw new SciclomaticError('SIGNATURE_INVALID', `The manifest is of ${signed.datasetId}, not ${bundle.datasetId}`);
  }
  return signed;
}

function verifyBundleRecord(
  record: BundleRecord,
  datasetId: string,
  keys: BundleKeys,
  crypto: FormatCrypto,
): VerifiedBundleRecord {
  const bytes = decodeBase64(record.entry);
  const { entry } = parseProvenanceEntry(bytes);
  const agentKey = keys.institutions.get(entry.agent);
  if (agentKey === undefined) throw new SciclomaticError('SIGNATURE_INVALID', `No key of ${entry.agent} in the bundle`);
  verifyProvenanceEntry(bytes, crypto, [agentKey]);
  if (entry.entity !== datasetId && !entry.used.includes(datasetId) && !entry.generated.includes(datasetId)) {
    throw new SciclomaticError('PROOF_INVALID', `The record is about ${entry.entity}, not ${datasetId}`);
  }
  const proof = parseTlogProof(record.proof);
  const { origin, size } = verifyTlogProof(proof, bytes, keys.log, crypto);
  return { entry, index: proof.index, origin, size };
}
