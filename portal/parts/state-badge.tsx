import type { StateWord } from '../state-words.js';

/** A state as a word with a coloured dot. */
export function StateBadge({ state }: { readonly state: StateWord }) {
  return <span class={`badge tone-${state.tone}`}>{state.word}</span>;
}
