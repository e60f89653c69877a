import { h, type VNode } from 'preact';

/** A fragment as plain text, without its marks. */
export const plainFragment = (fragment: string): string => fragment.replaceAll('\u0002', '').replaceAll('\u0003', '');

/** A fragment of a longer text, with an ellipsis at each end where the text goes on. */
export function renderExcerpt(fragment: string, whole: string): (string | VNode)[] {
  const plain = plainFragment(fragment);
  const before = whole.startsWith(plain) ? [] : ['… '];
  const after = whole.endsWith(plain) ? [] : ['…'];
  return [...before, ...renderFragment(fragment), ...after];
}

/**
 * A fragment of a highlight as text and `<mark>` elements. The API puts each match between U+0002 and U+0003; everything
 * is given to the page as text, so that markup in it is shown and never interpreted. A mark that is not closed ends
 * with the fragment; stray signs are dropped.
 */
export function renderFragment(fragment: string): (string | VNode)[] {
  const parts: (string | VNode)[] = [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the API marks with control characters, which no text holds
  for (const piece of fragment.split(/(\u0002[^\u0002\u0003]*\u0003?)/)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
    const text = piece.replace(/[\u0002\u0003]/g, '');
    if (text !== '') parts.push(piece.startsWith('\u0002') ? h('mark', null, text) : text);
  }
  return parts;
}
