import { z } from 'zod';
import { SciclomaticError } from '../core/errors.js';
import { decodeBase64, equalBytes } from './bytes.js';
import { encodeCanonicalJson, parseCanonicalJson } from './canonical-json.js';
import type { FormatCrypto, Signer } from './crypto.js';
import { instantSchema } from './instant.js';
import {
  encodeSignedRecord,
  parseSignedRecord,
  type RecordPolicy,
  type SignedRecord,
  signRecord,
  verifyRecord,
} from './signed-record.js';
import { MAX_ENTRY_BYTES } from './tlog/tile.js';

/**
 * One statement of what was done with data, after W3C PROV-DM: an activity, by an agent, that used some things and
 * generated others. It goes into the log as a signed record; bodies stay outside and are named by hash.
 */
export interface ProvenanceEntry {
  readonly format: typeof PROVENANCE_FORMAT;
  readonly activity: ProvenanceActivity;
  /** What it is about: a dataset's id; for HARVEST the repository's. */
  readonly entity: string;
  /** Hash of the dataset's manifest, where the activity concerns its bytes. */
  readonly manifestHash?: string | undefined;
  /** Id of the institution that did it and signs. */
  readonly agent: string;
  /** Ids, URLs or hashes of what it used (prov:used), in no order that matters. */
  readonly used: readonly string[];
  /** Ids or hashes of what it generated (prov:wasGeneratedBy). */
  readonly generated: readonly string[];
  /** ISO 8601 instant in UTC. */
  readonly startedAt: string;
  /** ISO 8601 instant in UTC, not before startedAt. */
  readonly endedAt: string;
  /** Named facts of the activity, e.g. `{"datasetCount": 937}`. */
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

export const PROVENANCE_ACTIVITIES = ['HARVEST', 'SUBMIT', 'MIRROR', 'COPY', 'AUDIT'] as const;
export type ProvenanceActivity = (typeof PROVENANCE_ACTIVITIES)[number];

export const PROVENANCE_FORMAT = 'sciclomatic-provenance/1';
/** Payload type of a signed entry. */
export const PROVENANCE_PAYLOAD_TYPE = 'application/vnd.sciclomatic.provenance+json';

export interface ParsedProvenanceEntry {
  readonly entry: ProvenanceEntry;
  readonly record: SignedRecord;
}

export interface VerifiedProvenanceEntry extends ParsedProvenanceEntry {
  /** Public keys that signed, 32 raw bytes each. That one of them is the agent's is for the caller to know. */
  readonly signers: readonly Uint8Array[];
}

const name = z.string().min(1).max(8192);
const entrySchema = z
  .strictObject({
    format: z.literal(PROVENANCE_FORMAT),
    activity: z.enum(PROVENANCE_ACTIVITIES),
    entity: name,
    manifestHash: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    agent: z.string().regex(/^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$/),
    used: z.array(name).max(1000),
    generated: z.array(name).max(1000),
    startedAt: instantSchema,
    endedAt: instantSchema,
    detail: z.record(z.string().min(1).max(128), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .refine((entry) => Date.parse(entry.startedAt) <= Date.parse(entry.endedAt), 'ends before it starts');

/**
 * The entry as the log keeps it: a signed record in canonical JSON. The same entry and key give the same bytes, so
 * appending it twice is noticed.
 * @throws BAD_INPUT when a field is wrong, LIMIT_EXCEEDED over 65,535 bytes (about 48,000 of entry)
 */
export function encodeProvenanceEntry(entry: ProvenanceEntry, key: Signer): Uint8Array {
  const payload = encodeCanonicalJson(checkEntry(entry));
  const bytes = encodeSignedRecord(signRecord(PROVENANCE_PAYLOAD_TYPE, payload, [key]));
  if (bytes.length > MAX_ENTRY_BYTES) {
    throw new SciclomaticError('LIMIT_EXCEEDED', `A provenance entry has at most ${MAX_ENTRY_BYTES} bytes signed`);
  }
  return bytes;
}

/** Reads an entry of a log; its signature is not checked yet. @throws SOURCE_INVALID_ANSWER */
export function parseProvenanceEntry(bytes: Uint8Array, source?: string): ParsedProvenanceEntry {
  const record = parseSignedRecord(bytes, source);
  if (!equalBytes(encodeSignedRecord(record), bytes)) throw invalidEntry('not canonical JSON', source);
  return { record, entry: parsePayload(record, source) };
}

/**
 * The entry, once its signature verifies.
 * @param trustedKeys keys that may sign it, or EMBEDDED for the one that it carries
 * @throws SIGNATURE_INVALID, SOURCE_INVALID_ANSWER
 */
export function verifyProvenanceEntry(
  bytes: Uint8Array,
  crypto: FormatCrypto,
  trustedKeys: RecordPolicy['trustedKeys'] = 'EMBEDDED',
  source?: string,
): VerifiedProvenanceEntry {
  const parsed = parseProvenanceEntry(bytes, source);
  const policy = { payloadType: PROVENANCE_PAYLOAD_TYPE, trustedKeys };
  return { ...parsed, signers: verifyRecord(parsed.record, policy, crypto).signers };
}

function parsePayload(record: SignedRecord, source?: string): ProvenanceEntry {
  if (record.payloadType !== PROVENANCE_PAYLOAD_TYPE) throw invalidEntry('another payload type', source);
  try {
    const payload = decodeBase64(record.payload);
    const entry = checkEntry(parseCanonicalJson(payload));
    // The schema passes over a fact named __proto__: what is signed and what is shown would be two things.
    if (!equalBytes(encodeCanonicalJson(entry), payload)) throw new Error('a fact has a name that cannot be read');
    return entry;
  } catch (error) {
    throw invalidEntry(error instanceof Error ? error.message : String(error), source, error);
  }
}

function checkEntry(value: unknown): ProvenanceEntry {
  const parsed = entrySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'entry'}: ${issue.message}`);
  throw new SciclomaticError('BAD_INPUT', `Provenance entry: ${problems.join('; ')}`);
}

const invalidEntry = (problem: string, source?: string, cause?: unknown): SciclomaticError =>
  new SciclomaticError('SOURCE_INVALID_ANSWER', `Not a provenance entry: ${problem}`, {
    cause,
    ...(source === undefined ? {} : { source }),
  });
