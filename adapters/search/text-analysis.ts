/**
 * How text becomes search terms, alike for records and for queries. A term is a word in lower case without
 * diacritics and without an English plural; Chinese, Japanese and Korean runs become overlapping pairs of
 * characters; a DOI or an ORCID is one term, with or without its resolver. Engines of ours share this, so that they
 * agree; a foreign engine needs only to pass the conformance suite.
 */
export type AnalysisPurpose = 'INDEX' | 'QUERY';

/** Called for each term with the place of its word in the text, in UTF-16 code units, end exclusive. */
export type TermVisitor = (term: string, start: number, end: number) => void;

/** Longer terms are cut here, in UTF-16 code units, in records and queries alike. A SHA-512 in hex has 128. */
const MAX_TERM_LENGTH = 128;

const CJK = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u30fc`;

/** 1: a DOI, 2: an ORCID, 3: a run of CJK, else a word of any other script. */
const WORD = new RegExp(
  [
    String.raw`(?:https?:\/\/(?:dx\.)?doi\.org\/|doi:)?(?<![\p{L}\p{N}.])(10\.\d{4,9}\/[^\s"'<>,;()[\]{}]+)`,
    String.raw`(?:https?:\/\/orcid\.org\/)?(?<![\p{L}\p{N}])(\d{4}-\d{4}-\d{4}-\d{3}[\dX])(?![\p{L}\p{N}])`,
    `([${CJK}]+)`,
    String.raw`(?:(?![${CJK}])[\p{L}\p{N}])(?:(?![${CJK}])[\p{L}\p{N}\p{M}])*`,
  ].join('|'),
  'giu',
);

/** Only text that may hold more than plain words of a to z needs the expression above. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII
const PLAIN = /^[\u0000-\u007f]*$/;
const IDENTIFIER_HINT = /10\.\d{4}|\d{4}-\d{4}-/;

/** Letters that Unicode does not decompose although people type them without their stroke or ligature. */
const FOLDED_LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  ς: 'σ',
};

/** Visits the terms of a text in order. An index gets every CJK character and pair, a query only what it needs. */
export function visitTerms(text: string, purpose: AnalysisPurpose, visit: TermVisitor): void {
  if (PLAIN.test(text) && !IDENTIFIER_HINT.test(text)) {
    visitPlainTerms(text, visit);
    return;
  }
  for (const match of text.matchAll(WORD)) {
    const [word, doi, orcid, cjk] = match;
    const start = match.index;
    if (doi !== undefined) {
      const trimmed = doi.replace(/[.:!?]+$/, '');
      visit(cut(trimmed.toLowerCase()), start, start + word.length - (doi.length - trimmed.length));
    } else if (orcid !== undefined) visit(orcid.toLowerCase(), start, start + word.length);
    else if (cjk !== undefined) visitCjkTerms(cjk, start, purpose, visit);
    else visit(cut(removePlural(fold(word))), start, start + word.length);
  }
}

/** The distinct terms of a query, in the order of their first appearance. */
export function listQueryTerms(text: string): string[] {
  const terms = new Set<string>();
  visitTerms(text, 'QUERY', (term) => terms.add(term));
  return [...terms];
}

function visitPlainTerms(text: string, visit: TermVisitor): void {
  const lower = text.toLowerCase();
  let start = -1;
  for (let index = 0; index <= lower.length; index++) {
    const code = index < lower.length ? lower.charCodeAt(index) : 0;
    const isWord = (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
    if (isWord) {
      if (start < 0) start = index;
    } else if (start >= 0) {
      visit(cut(removePlural(lower.slice(start, index))), start, index);
      start = -1;
    }
  }
}

function visitCjkTerms(run: string, offset: number, purpose: AnalysisPurpose, visit: TermVisitor): void {
  const characters = [...run];
  let start = offset;
  for (const [index, character] of characters.entries()) {
    const end = start + character.length;
    const next = characters[index + 1];
    if (purpose === 'INDEX' || characters.length === 1) visit(fold(character), start, end);
    if (next !== undefined) visit(fold(character + next), start, end + next.length);
    start = end;
  }
}

/**
 * Lower case without the diacritics of Latin, Greek and Cyrillic (U+0300 to U+036F); the vowel signs of other
 * scripts are letters to their readers and stay.
 */
function fold(word: string): string {
  const bare = word
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC');
  return bare.replace(/[ßæœøłđðþıς]/g, (letter) => FOLDED_LETTERS[letter] ?? letter);
}

/** Harman's S-stemmer ("How effective is suffixing?", JASIS 42, 1991): plurals only, no other suffix. */
function removePlural(word: string): string {
  const length = word.length;
  if (length < 4 || !word.endsWith('s')) return word;
  if (word.endsWith('ies')) return /[ae]ies$/.test(word) ? word : `${word.slice(0, -3)}y`;
  if (word.endsWith('es')) return /[aeo]es$/.test(word) ? word : word.slice(0, -1);
  return word.endsWith('us') || word.endsWith('ss') ? word : word.slice(0, -1);
}

const cut = (term: string): string => (term.length > MAX_TERM_LENGTH ? term.slice(0, MAX_TERM_LENGTH) : term);
