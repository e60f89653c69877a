import type { ComponentChildren } from 'preact';
import { type EntryState, useNavigation } from '../navigation.js';

interface LinkProps {
  readonly href: string;
  readonly state?: EntryState;
  readonly class?: string;
  readonly isCurrent?: boolean;
  readonly rel?: string;
  readonly children: ComponentChildren;
}

/** A link within the portal: a plain click changes the page without loading it, all other clicks are the browser's. */
export function Link({ href, state, isCurrent = false, children, ...attributes }: LinkProps) {
  const { navigate } = useNavigation();
  return (
    <a
      {...attributes}
      href={href}
      aria-current={isCurrent ? 'page' : undefined}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        navigate(href, state === undefined ? {} : { state });
      }}
    >
      {children}
    </a>
  );
}
