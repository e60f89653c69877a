import { useEffect, useRef, useState } from 'preact/hooks';
import { useNavigation } from '../navigation.js';
import { firstPage, type SearchState, searchHref } from '../search-state.js';

/** Id of the input, which `/` focuses. */
export const SEARCH_INPUT_ID = 'search-input';

/** A pause in typing after which the search follows the words. */
const TYPING_PAUSE_MS = 350;

/** The words. They become part of the URL on Enter, or in a pause of typing; one typing makes one history entry. */
export function SearchBox({ search }: { readonly search: SearchState }) {
  const { navigate, state } = useNavigation();
  const [text, setText] = useState(search.text);
  const timer = useRef<number | undefined>(undefined);
  useEffect(() => setText(search.text), [search.text]);
  useEffect(() => () => window.clearTimeout(timer.current), []);

  const go = (words: string, isTyping: boolean): void => {
    window.clearTimeout(timer.current);
    if (words === search.text) return;
    navigate(searchHref(firstPage({ ...search, text: words })), {
      state: isTyping ? { isTyping: true } : {},
      replace: state.isTyping === true,
      staysInPlace: true,
    });
  };
  const type = (words: string): void => {
    setText(words);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => go(words, true), TYPING_PAUSE_MS);
  };

  return (
    <search>
      <form
        class="search-box"
        action="/"
        onSubmit={(event) => {
          event.preventDefault();
          go(text, false);
        }}
      >
        <label class="visually-hidden" htmlFor={SEARCH_INPUT_ID}>
          Search datasets
        </label>
        <input
          id={SEARCH_INPUT_ID}
          type="search"
          name="q"
          value={text}
          maxLength={2000}
          placeholder="Search titles, subjects, creators and descriptions"
          autocomplete="off"
          spellcheck={false}
          aria-keyshortcuts="/"
          onInput={(event) => type(event.currentTarget.value)}
        />
        <span class="shortcut" aria-hidden="true" />
        <button type="submit" class="primary">
          Search
        </button>
      </form>
    </search>
  );
}
