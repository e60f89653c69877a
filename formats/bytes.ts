import { SciclomaticError } from '../core/errors.js';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE64_CODES = Uint8Array.from(BASE64, (character) => character.charCodeAt(0));
const PADDING = 61;
const INVALID = 255;
const BASE64_VALUES = (() => {
  const values = new Uint8Array(256).fill(INVALID);
  for (let value = 0; value < 64; value += 1) values[BASE64_CODES[value] ?? 0] = value;
  return values;
})();

const encoder = new TextEncoder();
/** `ignoreBOM` keeps a leading U+FEFF, so that decoding and encoding give the same bytes back. */
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Lower-case hex digits, two a byte. */
export function encodeHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte];
  return text;
}

/** @throws BAD_INPUT for anything but an even number of lower-case hex digits */
export function decodeHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) throw new SciclomaticError('BAD_INPUT', 'Not lower-case hex');
  return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    Number.parseInt(text.slice(index * 2, index * 2 + 2), 16),
  );
}

/** Standard alphabet with padding (RFC 4648 §4). */
export function encodeBase64(bytes: Uint8Array): string {
  const output = new Uint8Array(Math.ceil(bytes.length / 3) * 4).fill(PADDING);
  for (let from = 0, to = 0; from < bytes.length; from += 3, to += 4) {
    const group = ((bytes[from] ?? 0) << 16) | ((bytes[from + 1] ?? 0) << 8) | (bytes[from + 2] ?? 0);
    output[to] = BASE64_CODES[group >> 18] ?? 0;
    output[to + 1] = BASE64_CODES[(group >> 12) & 63] ?? 0;
    if (from + 1 < bytes.length) output[to + 2] = BASE64_CODES[(group >> 6) & 63] ?? 0;
    if (from + 2 < bytes.length) output[to + 3] = BASE64_CODES[group & 63] ?? 0;
  }
  return strictDecoder.decode(output);
}

/**
 * Strict RFC 4648 §4: padding is required, white space and non-zero unused bits are refused, so that each byte string has
 * one text only.
 * @throws BAD_INPUT
 */
export function decodeBase64(text: string): Uint8Array {
  const input = encoder.encode(text);
  const invalid = () => new SciclomaticError('BAD_INPUT', 'Not base64 (RFC 4648 section 4, padded)');
  if (input.length % 4 !== 0) throw invalid();
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const output = new Uint8Array((input.length / 4) * 3 - padding);
  for (let from = 0, to = 0; from < input.length; from += 4, to += 3) {
    const used = from + 4 < input.length ? 4 : 4 - padding;
    let group = 0;
    for (let position = 0; position < 4; position += 1) {
      const value = position < used ? (BASE64_VALUES[input[from + position] ?? 0] ?? INVALID) : 0;
      if (value === INVALID) throw invalid();
      group = (group << 6) | value;
    }
    if ((used === 3 && (group & 0xff) !== 0) || (used === 2 && (group & 0xffff) !== 0)) throw invalid();
    output[to] = group >> 16;
    // Writes past the end of a typed array are ignored: the last group may be short.
    output[to + 1] = (group >> 8) & 0xff;
    output[to + 2] = group & 0xff;
  }
  return output;
}

export const encodeUtf8 = (text: string): Uint8Array => encoder.encode(text);

/** @throws BAD_INPUT when the bytes are not valid UTF-8 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch (error) {
    throw new SciclomaticError('BAD_INPUT', 'Not valid UTF-8', { cause: error });
  }
}

/** All parts in one new array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Not in constant time: for public values only. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
