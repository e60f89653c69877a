import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createSigningKey, nodeCrypto } from '../core/node-crypto.js';
import { encodeUtf8 } from './bytes.js';
import { nobleCrypto } from './noble-crypto.js';
import {
  encodeProvenanceEntry,
  PROVENANCE_PAYLOAD_TYPE,
  type ProvenanceEntry,
  parseProvenanceEntry,
  verifyProvenanceEntry,
} from './provenance-entry.js';
import { encodeSignedRecord, signRecord } from './signed-record.js';

const key = createSigningKey();
const entry: ProvenanceEntry = {
  format: 'sciclomatic-provenance/1',
  activity: 'SUBMIT',
  entity: `sc:${'a'.repeat(64)}`,
  manifestHash: 'a'.repeat(64),
  agent: 'observatory.example',
  used: [],
  generated: [`sc:${'a'.repeat(64)}`],
  startedAt: '2026-01-31T12:00:00Z',
  endedAt: '2026-01-31T12:00:01.5Z',
  detail: { fileCount: 2, note: null },
};
const malformed = expect.objectContaining({ code: 'SOURCE_INVALID_ANSWER' });

describe('provenance entry', () => {
  it('comes back signed, the same bytes each time', () => {
    const bytes = encodeProvenanceEntry(entry, key);
    expect(encodeProvenanceEntry({ ...entry }, key)).toEqual(bytes);
    expect(parseProvenanceEntry(bytes).entry).toEqual(entry);
    for (const crypto of [nodeCrypto, nobleCrypto]) {
      expect(verifyProvenanceEntry(bytes, crypto).signers).toEqual([key.publicKey]);
      expect(verifyProvenanceEntry(bytes, crypto, [key.publicKey]).entry).toEqual(entry);
    }
  });

  it('is refused with a fact that a reader would not see', () => {
    const payload = `{"activity":"AUDIT","agent":"a","detail":{"__proto__":"hidden","health":"OK"},"endedAt":"2026-01-31T12:00:00Z","entity":"zenodo:1","format":"sciclomatic-provenance/1","generated":[],"startedAt":"2026-01-31T12:00:00Z","used":[]}`;
    const bytes = encodeSignedRecord(signRecord(PROVENANCE_PAYLOAD_TYPE, encodeUtf8(payload), [key]));
    expect(() => parseProvenanceEntry(bytes)).toThrow(malformed);
  });

  it('is refused from another signer', () => {
    const bytes = encodeProvenanceEntry(entry, key);
    expect(() => verifyProvenanceEntry(bytes, nodeCrypto, [createSigningKey().publicKey])).toThrow(
      expect.objectContaining({ code: 'SIGNATURE_INVALID' }),
    );
  });

  it('is refused after any single bit is changed', () => {
    const bytes = encodeProvenanceEntry(entry, key);
    fc.assert(
      fc.property(fc.nat({ max: bytes.length * 8 - 1 }), (bit) => {
        const altered = bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        expect(() => verifyProvenanceEntry(altered, nodeCrypto)).toThrow();
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, object]>([
    ['an unknown activity', { activity: 'DELETE' }],
    ['an agent that is no institution', { agent: 'No One' }],
    ['an end before its start', { endedAt: '2026-01-31T11:59:59Z' }],
    ['a local time', { startedAt: '2026-01-31T12:00:00' }],
    ['a short manifest hash', { manifestHash: 'aa' }],
    ['a nested detail', { detail: { a: {} } }],
    ['an unknown member', { more: 1 }],
    ['no entity', { entity: '' }],
  ])('is neither written nor read with %s', (_name, change) => {
    const wrong = { ...entry, ...change };
    expect(() => encodeProvenanceEntry(wrong, key)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
    const signed = signRecord(PROVENANCE_PAYLOAD_TYPE, encodeUtf8(JSON.stringify(wrong)), [key]);
    expect(() => parseProvenanceEntry(encodeSignedRecord(signed))).toThrow(malformed);
  });

  it('is refused in any spelling but the canonical one, and as another type of record', () => {
    const bytes = encodeProvenanceEntry(entry, key);
    const spaced = JSON.stringify(JSON.parse(new TextDecoder().decode(bytes)), null, 1);
    expect(() => parseProvenanceEntry(encodeUtf8(spaced))).toThrow(malformed);
    const retyped = signRecord('x/y', encodeUtf8('{}'), [key]);
    expect(() => parseProvenanceEntry(encodeSignedRecord(retyped))).toThrow(malformed);
    expect(() => parseProvenanceEntry(encodeUtf8('<html>'))).toThrow(malformed);
  });

  it('is not written when the log could not keep it', () => {
    expect(() => encodeProvenanceEntry({ ...entry, detail: { text: 'x'.repeat(49_000) } }, key)).toThrow(
      expect.objectContaining({ code: 'LIMIT_EXCEEDED' }),
    );
  });
});
