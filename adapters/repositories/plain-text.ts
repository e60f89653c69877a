/**
 * Plain text of the markup that sources write into titles and descriptions. What comes out is text for a search index
 * and for escaping front ends: it is never meant to be put into a page unescaped.
 */

const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  copy: '©',
  reg: '®',
  trade: '™',
  deg: '°',
  micro: 'µ',
  plusmn: '±',
  times: '×',
  middot: '·',
  bull: '•',
  alpha: 'α',
  beta: 'β',
  gamma: 'γ',
  delta: 'δ',
  mu: 'μ',
  le: '≤',
  ge: '≥',
  aacute: 'á',
  agrave: 'à',
  auml: 'ä',
  ccedil: 'ç',
  eacute: 'é',
  egrave: 'è',
  ecirc: 'ê',
  iacute: 'í',
  ntilde: 'ñ',
  oacute: 'ó',
  ocirc: 'ô',
  ouml: 'ö',
  szlig: 'ß',
  uacute: 'ú',
  uuml: 'ü',
};

/** Replaces character references once, from left to right; a reference that is not known stays as it is. */
export function decodeEntities(text: string): string {
  return text.replace(/&(?:#[xX]([0-9a-fA-F]{1,6})|#(\d{1,7})|([a-zA-Z]{2,8}));/g, (whole, hex, decimal, name) => {
    if (typeof name === 'string') return NAMED_ENTITIES[name] ?? NAMED_ENTITIES[name.toLowerCase()] ?? whole;
    const code = typeof hex === 'string' ? Number.parseInt(hex, 16) : Number(decimal);
    return isTextCharacter(code) ? String.fromCodePoint(code) : '';
  });
}

/** XML's Char production: no control characters, no halves of surrogate pairs. */
function isTextCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0d;
  return code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff;
}

/** Elements that begin a new line when shown. */
const BLOCK = /<\/?(?:p|div|br|hr|h[1-6]|ul|ol|li|dl|dt|dd|table|tr|pre|blockquote|section|article)\b[^<>]*>/gi;
/** Elements whose content is never text. */
const HIDDEN = /<(script|style)\b[^<>]*>[\s\S]*?(?:<\/\1\s*>|$)/gi;
const TAG = /<(?:\/?[a-zA-Z][^<>]*|!--[\s\S]*?--|![a-zA-Z][^<>]*)>/g;

/** Text of HTML: tags removed, block elements as new lines, entities decoded. A lone `<` as in `p < 0.05` stays. */
export function plainFromHtml(html: string): string {
  return tidy(decodeEntities(html.replace(HIDDEN, ' ').replace(BLOCK, '\n').replace(TAG, '')));
}

/** Text of Markdown with HTML inside: links become their text; headings, emphasis, code and list marks are removed. */
export function plainFromMarkdown(markdown: string): string {
  const text = markdown
    .replace(
      /!?\[([^[\]]*)\]\s?\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+"[^"]*")?\)/g,
      (_, label: string, url: string) => (label.trim() === '' ? url : label),
    )
    .replace(/^ {0,3}#{1,6}\s+/gm, '')
    .replace(/(\*\*|__)(?=\S)([\s\S]*?\S)\1/g, '$2')
    .replace(/(?<![\w*])\*(?=[^\s*])([^*\n]*[^\s*])\*(?![\w*])/g, '$1')
    .replace(/`([^`\n]+)`/g, '$1')
    .replace(/<(https?:\/\/[^<>\s]+)>/g, '$1');
  return plainFromHtml(text);
}

/** One space between words, at most one empty line between paragraphs, no control characters. */
function tidy(text: string): string {
  return (
    text
      .replace(/\r\n?/g, '\n')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '')
      .replace(/[^\S\n]+/g, ' ')
      .replace(/ ?\n ?/g, '\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim()
  );
}
