import { SciclomaticError } from '../../core/errors.js';
import { concatBytes, decodeBase64, encodeBase64, encodeHex, encodeUtf8 } from '../bytes.js';
import { type FormatCrypto, PUBLIC_KEY_BYTES, SIGNATURE_BYTES, type Signer } from '../crypto.js';

/** Text signed by one or more keys (C2SP signed-note). */
export interface SignedNote {
  /** Ends in a newline, which is signed too. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface NoteSignature {
  /** Name of the key, e.g. the origin of a log. */
  readonly name: string;
  /** 8 hex digits; with the name it tells which key, but proves nothing. */
  readonly keyHash: string;
  readonly signature: Uint8Array;
}

/** An Ed25519 key as its owner publishes it: `<name>+<key hash>+<base64 of type and key>`. */
export interface VerifierKey {
  readonly name: string;
  readonly keyHash: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** Signature type of Ed25519 in signed-note. */
const ED25519 = 1;
const KEY_HASH_BYTES = 4;
/** Far above the 16 that every reader must accept. */
const MAX_NOTE_SIGNATURES = 100;
const MAX_NOTE_LENGTH = 1_000_000;
const SIGNATURE_LINE = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;

/** @throws BAD_INPUT when the name is empty or holds white space, a plus or a control character */
export function createVerifierKey(
  name: string,
  publicKey: Uint8Array,
  crypto: Pick<FormatCrypto, 'sha256'>,
): VerifierKey {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (!/^[^\s+\u0000-\u001f\u007f]+$/u.test(name) || publicKey.length !== PUBLIC_KEY_BYTES) {
    throw new SciclomaticError('BAD_INPUT', `${JSON.stringify(name)} is no key name, or its key is not 32 bytes`);
  }
  const hash = crypto.sha256(concatBytes(encodeUtf8(`${name}\n`), Uint8Array.of(ED25519), publicKey));
  return { name, keyHash: encodeHex(hash.subarray(0, KEY_HASH_BYTES)), publicKey };
}

export const formatVerifierKey = (key: VerifierKey): string =>
  `${key.name}+${key.keyHash}+${encodeBase64(concatBytes(Uint8Array.of(ED25519), key.publicKey))}`;

/** @throws BAD_INPUT for another form, another key type, or a key hash that does not fit */
export function parseVerifierKey(text: string, crypto: Pick<FormatCrypto, 'sha256'>): VerifierKey {
  const [name = '', keyHash = '', ...rest] = text.split('+');
  // Base64 may hold a plus of its own.
  const bytes = decodeBase64(rest.join('+'));
  if (bytes[0] === ED25519 && bytes.length === 1 + PUBLIC_KEY_BYTES) {
    const key = createVerifierKey(name, bytes.slice(1), crypto);
    if (key.keyHash === keyHash) return key;
  }
  throw new SciclomaticError('BAD_INPUT', `${JSON.stringify(text.slice(0, 200))} is no Ed25519 verifier key`);
}

/** The text with a signature line. @throws BAD_INPUT when the text does not end in a newline or holds a control character */
export function signNote(text: string, name: string, signer: Signer, crypto: Pick<FormatCrypto, 'sha256'>): string {
  if (!isNoteText(text)) throw new SciclomaticError('BAD_INPUT', 'The text of a note is lines that end in a newline');
  const key = createVerifierKey(name, signer.publicKey, crypto);
  const signature = signer.sign(encodeUtf8(text));
  return `${text}\n${formatSignatureLine({ name, keyHash: key.keyHash, signature })}`;
}

/** One line, with its newline. */
export function formatSignatureLine({ name, keyHash, signature }: NoteSignature): string {
  const hash = Uint8Array.from(keyHash.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
  return `\u2014 ${name} ${encodeBase64(concatBytes(hash, signature))}\n`;
}

/** Reads a note from outside; its signatures are not checked yet. @throws SOURCE_INVALID_ANSWER */
export function parseNote(note: string): SignedNote {
  const refuse = (problem: string) => new SciclomaticError('SOURCE_INVALID_ANSWER', `Not a signed note: ${problem}`);
  if (note.length > MAX_NOTE_LENGTH) throw refuse(`over ${MAX_NOTE_LENGTH} characters`);
  const separator = note.lastIndexOf('\n\n');
  if (separator < 0 || !isNoteText(note)) throw refuse('no blank line before the signatures, or a control character');
  const lines = note.slice(separator + 2, -1).split('\n');
  if (lines.length > MAX_NOTE_SIGNATURES) throw refuse(`over ${MAX_NOTE_SIGNATURES} signatures`);
  const signatures = lines.map((line) => {
    const [, name, base64] = SIGNATURE_LINE.exec(line) ?? [];
    if (name === undefined || base64 === undefined) throw refuse('a signature line is malformed');
    let bytes: Uint8Array;
    try {
      bytes = decodeBase64(base64);
    } catch (error) {
      throw new SciclomaticError('SOURCE_INVALID_ANSWER', 'Not a signed note: a signature is no base64', {
        cause: error,
      });
    }
    if (bytes.length <= KEY_HASH_BYTES) throw refuse('a signature is too short');
    return { name, keyHash: encodeHex(bytes.subarray(0, KEY_HASH_BYTES)), signature: bytes.slice(KEY_HASH_BYTES) };
  });
  return { text: note.slice(0, separator + 1), signatures };
}

/**
 * The note's text, once at least one known key has signed it. Signatures by unknown keys are ignored; one that names a
 * known key and does not verify fails the whole note. Gives also which of the keys signed.
 * @throws SIGNATURE_INVALID; SOURCE_INVALID_ANSWER when it is no note
 */
export function verifyNote(
  note: string,
  knownKeys: readonly VerifierKey[],
  crypto: FormatCrypto,
): { readonly text: string; readonly signedBy: readonly VerifierKey[] } {
  const { text, signatures } = parseNote(note);
  const message = encodeUtf8(text);
  const signedBy: VerifierKey[] = [];
  for (const { name, keyHash, signature } of signatures) {
    const key = knownKeys.find((known) => known.name === name && known.keyHash === keyHash);
    if (key === undefined) continue;
    if (signature.length !== SIGNATURE_BYTES || !crypto.verifyEd25519(key.publicKey, message, signature)) {
      throw new SciclomaticError('SIGNATURE_INVALID', `The signature of ${name}+${keyHash} does not verify`);
    }
    if (!signedBy.includes(key)) signedBy.push(key);
  }
  if (signedBy.length === 0) {
    const wanted = knownKeys.map((key) => `${key.name}+${key.keyHash}`).join(', ');
    throw new SciclomaticError('SIGNATURE_INVALID', `The note is not signed by ${wanted || 'any known key'}`);
  }
  return { text, signedBy };
}

function isNoteText(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.endsWith('\n') && !/[\u0000-\u0009\u000b-\u001f]|\p{Surrogate}/u.test(text);
}
