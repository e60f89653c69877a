import { SciclomaticError } from '../core/errors.js';
import { decodeUtf8 } from './bytes.js';

/**
 * Reads JSON (RFC 8259) from outside, refusing what two readers may read differently: bytes that are not UTF-8, and an
 * object that names a member twice, of which some readers take the first, some the last.
 * @throws BAD_INPUT
 */
export function parseStrictJson(text: Uint8Array | string): unknown {
  const decoded = typeof text === 'string' ? text : decodeUtf8(text);
  let value: unknown;
  try {
    value = JSON.parse(decoded);
  } catch (error) {
    throw new SciclomaticError('BAD_INPUT', 'Not JSON', { cause: error });
  }
  assertMembersOnce(decoded);
  return value;
}

/** @param text which is known to be JSON, so that quotes and brackets alone show its structure */
function assertMembersOnce(text: string): void {
  /** Members of each object that is open, undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  /** True where the next string, if one comes, names a member. */
  let beforeName = false;
  for (let position = 0; position < text.length; position += 1) {
    switch (text.charAt(position)) {
      case '{':
        open.push(new Set());
        beforeName = true;
        break;
      case '[':
        open.push(undefined);
        beforeName = false;
        break;
      case '}':
      case ']':
        open.pop();
        beforeName = false;
        break;
      case ',':
        beforeName = true;
        break;
      case '"': {
        const end = findEndOfString(text, position);
        const members = open.at(-1);
        if (beforeName && members !== undefined) {
          // Parsed, because a name may be spelled with escapes.
          const name = JSON.parse(text.slice(position, end + 1)) as string;
          if (members.has(name))
            throw new SciclomaticError('BAD_INPUT', `JSON with two members ${JSON.stringify(name)}`);
          members.add(name);
        }
        beforeName = false;
        position = end;
        break;
      }
    }
  }
}

/** Position of the quote that ends the string; found by indexOf, as a payload has tens of megabytes. */
function findEndOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}
