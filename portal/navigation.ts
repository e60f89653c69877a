import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useState } from 'preact/hooks';

/** What the portal keeps beside a URL in the browser's history. It survives back, forward and reload, not sharing. */
export interface EntryState {
  /** Cursors of the pages before this one, the first page's as null: what "Previous" goes back to. */
  readonly trail?: readonly (string | null)[];
  /** Search that led to a dataset. */
  readonly from?: string;
  /** The entry was made while typing: the next keystroke replaces it. */
  readonly isTyping?: boolean;
  /** How far the page was scrolled when it was left, in CSS pixels: where to go on reading after "back". */
  readonly scrollY?: number;
}

export interface Location {
  readonly url: URL;
  readonly state: EntryState;
}

export interface Navigation extends Location {
  readonly navigate: (href: string, options?: NavigateOptions) => void;
}

interface NavigateOptions {
  readonly state?: EntryState;
  /** Instead of the present entry. */
  readonly replace?: boolean;
  /** Keeps the scroll position and the focus: the page stays the same, only its content follows. */
  readonly staysInPlace?: boolean;
}

export const NavigationContext = createContext<Navigation | undefined>(undefined);

export function useNavigation(): Navigation {
  const navigation = useContext(NavigationContext);
  if (navigation === undefined) throw new Error('NavigationContext is not provided');
  return navigation;
}

/** The browser's location as state of a component, and the one way to change it. */
export function useBrowserNavigation(): Navigation {
  const [location, setLocation] = useState<Location>(readLocation);
  useEffect(() => {
    const follow = (): void => setLocation(readLocation());
    window.addEventListener('popstate', follow);
    return () => window.removeEventListener('popstate', follow);
  }, []);
  const navigate = useCallback((href: string, options: NavigateOptions = {}): void => {
    const { state = {}, replace = false, staysInPlace = false } = options;
    if (!replace && !staysInPlace)
      window.history.replaceState({ ...readLocation().state, scrollY: window.scrollY }, '');
    if (replace) window.history.replaceState(state, '', href);
    else window.history.pushState(state, '', href);
    if (!staysInPlace) window.scrollTo(0, 0);
    setLocation(readLocation());
  }, []);
  return { ...location, navigate };
}

function readLocation(): Location {
  return { url: new URL(window.location.href), state: parseEntryState(window.history.state) };
}

/** History entries may come from another version of this page: what does not fit is dropped. */
function parseEntryState(value: unknown): EntryState {
  if (typeof value !== 'object' || value === null) return {};
  const { trail, from, isTyping, scrollY } = value as Readonly<Record<string, unknown>>;
  return {
    ...(Array.isArray(trail) && trail.every(isCursor) ? { trail } : {}),
    ...(typeof from === 'string' && from.startsWith('/') ? { from } : {}),
    ...(isTyping === true ? { isTyping } : {}),
    ...(typeof scrollY === 'number' ? { scrollY } : {}),
  };
}

const isCursor = (value: unknown): value is string | null => value === null || typeof value === 'string';
