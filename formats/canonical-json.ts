import { SciclomaticError } from '../core/errors.js';
import { decodeUtf8, encodeUtf8 } from './bytes.js';

/** Deepest nesting accepted; our formats need 5. It keeps a hostile document from exhausting the stack. */
const MAX_DEPTH = 64;

/**
 * The one canonical text of a JSON value: RFC 8785 (JSON Canonicalization Scheme). Members are sorted by UTF-16 code
 * units, there is no white space, numbers are written as ECMAScript writes them.
 *
 * Stricter than the RFC where two readers could disagree: integers beyond ±(2^53 - 1) and lone surrogates are refused.
 * Object members that are `undefined` are left out, as absent means unknown everywhere here; `undefined` anywhere else,
 * functions, symbols, bigints and objects that are not plain (Date, Map, …) are refused.
 * @throws BAD_INPUT
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

/** Canonical text as UTF-8 bytes. @throws BAD_INPUT */
export const encodeCanonicalJson = (value: unknown): Uint8Array => encodeUtf8(canonicalJson(value));

/**
 * Reads bytes that must be canonical JSON. Because every other spelling of the value is refused, what is signed or hashed
 * cannot be changed without changing its meaning; repeated members are refused for the same reason.
 * @throws BAD_INPUT
 */
export function parseCanonicalJson(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SciclomaticError('BAD_INPUT', 'Not JSON', { cause: error });
  }
  if (canonicalJson(value) !== text) throw new SciclomaticError('BAD_INPUT', 'Not canonical JSON (RFC 8785)');
  return value;
}

function write(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw new SciclomaticError('BAD_INPUT', `JSON nested deeper than ${MAX_DEPTH}`);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return writeNumber(value);
  if (typeof value === 'string') return writeString(value);
  if (Array.isArray(value)) return `[${Array.from(value, (item) => write(item, depth + 1)).join(',')}]`;
  if (typeof value === 'object' && isPlain(value)) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    // The default order of sort() is by UTF-16 code units, as RFC 8785 section 3.2.3 asks.
    members.sort(([left], [right]) => (left < right ? -1 : 1));
    return `{${members.map(([name, member]) => `${writeString(name)}:${write(member, depth + 1)}`).join(',')}}`;
  }
  throw new SciclomaticError('BAD_INPUT', `A ${typeof value} has no JSON form`);
}

function writeNumber(value: number): string {
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    throw new SciclomaticError('BAD_INPUT', `Number ${value} has no portable JSON form`);
  }
  return JSON.stringify(value);
}

function writeString(value: string): string {
  // JSON.stringify escapes as RFC 8785 section 3.2.2.2 asks, but would also escape a lone surrogate instead of refusing it.
  if (/\p{Surrogate}/u.test(value))
    throw new SciclomaticError('BAD_INPUT', 'Text with a lone surrogate has no UTF-8 form');
  return JSON.stringify(value);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
