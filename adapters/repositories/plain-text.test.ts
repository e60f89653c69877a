import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeEntities, plainFromHtml, plainFromMarkdown } from './plain-text.js';

describe('plainFromHtml', () => {
  it.each([
    ['<p>One</p><p>Two</p>', 'One\n\nTwo'],
    ['a<br/>b<BR>c', 'a\nb\nc'],
    ['<ul><li>x</li><li>y &amp; z</li></ul>', 'x\n\ny & z'],
    ['p < 0.05 and x > 3', 'p < 0.05 and x > 3'],
    ['H<sub>2</sub>O &#8211; &eacute;t&#xe9;', 'H2O – été'],
    ['before<script>alert(1)</script>after', 'before after'],
    ['<a href="https://x.example" title="a">link</a>', 'link'],
    ['&lt;b&gt;shown&lt;/b&gt;', '<b>shown</b>'],
    ['<!-- hidden -->shown', 'shown'],
  ])('%s', (html, text) => {
    expect(plainFromHtml(html)).toBe(text);
  });

  it('leaves text without markup, entities and double spaces as it is', () => {
    const word = fc.stringMatching(/^[a-zA-Z0-9.,;:!?é]{1,12}$/);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), (words) => {
        expect(plainFromHtml(words.join(' '))).toBe(words.join(' '));
      }),
    );
  });

  it('decodes one level only', () => {
    expect(decodeEntities('&amp;lt;p&amp;gt;')).toBe('&lt;p&gt;');
    expect(decodeEntities('&unknown; &#0; &#xD800;')).toBe('&unknown;  ');
  });
});

describe('plainFromMarkdown', () => {
  it.each([
    ['See [the page](https://x.example/a_(b)) now', 'See the page now'],
    ['[](https://x.example)', 'https://x.example'],
    ['# Title\n**bold** and *soft* `code`', 'Title\nbold and soft code'],
    ['2 * 3 * 4 snake_case_name', '2 * 3 * 4 snake_case_name'],
    ['- one\n- two', '- one\n- two'],
    ['a<br/> <br/>b', 'a\n\nb'],
  ])('%s', (markdown, text) => {
    expect(plainFromMarkdown(markdown)).toBe(text);
  });
});
