import { useEffect, useRef } from 'preact/hooks';
import type { Client } from '../clients/typescript/client.js';
import { AdaptersPage } from './adapters/adapters-page.js';
import { DatasetPage } from './dataset/dataset-page.js';
import { NavigationContext, useBrowserNavigation } from './navigation.js';
import { Link } from './parts/link.js';
import { ADAPTERS_HREF, parseRoute, type Route } from './route.js';
import { SEARCH_INPUT_ID } from './search/search-box.js';
import { SearchPage } from './search/search-page.js';
import { ClientContext } from './use-query.js';

/** The portal: the frame around its pages, and what is true on all of them. */
export function App({ client }: { readonly client: Client }) {
  const navigation = useBrowserNavigation();
  const { navigate } = navigation;
  const route = parseRoute(navigation.url);
  const main = useRef<HTMLElement>(null);
  useFocusOnPageChange(route, main);

  useEffect(() => {
    const focusSearch = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
      event.preventDefault();
      if (document.getElementById(SEARCH_INPUT_ID) === null) navigate('/');
      // A page that was just left is replaced in the next frame.
      window.requestAnimationFrame(() => document.getElementById(SEARCH_INPUT_ID)?.focus());
    };
    window.addEventListener('keydown', focusSearch);
    return () => window.removeEventListener('keydown', focusSearch);
  }, [navigate]);

  return (
    <ClientContext.Provider value={client}>
      <NavigationContext.Provider value={navigation}>
        <a class="skip-link" href="#main">
          Skip to content
        </a>
        <Header route={route} />
        <main id="main" ref={main} tabIndex={-1}>
          <Page route={route} />
        </main>
        <Footer />
      </NavigationContext.Provider>
    </ClientContext.Provider>
  );
}

function Page({ route }: { readonly route: Route }) {
  switch (route.page) {
    case 'search':
      return <SearchPage search={route.search} />;
    case 'dataset':
      return <DatasetPage key={route.id} id={route.id} lists={route.lists} />;
    case 'adapters':
      return <AdaptersPage />;
    case 'missing':
      return <MissingPage path={route.path} />;
  }
}

function Header({ route }: { readonly route: Route }) {
  return (
    <header class="site-header">
      <Link class="brand" href="/">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <circle
            cx="16"
            cy="16"
            r="11"
            fill="none"
            stroke="currentColor"
            stroke-width="2.5"
            stroke-dasharray="52 17"
          />
          <circle cx="16" cy="16" r="3.5" fill="currentColor" />
        </svg>
        Sciclomatic
      </Link>
      <nav aria-label="Pages">
        <Link href="/" isCurrent={route.page === 'search'}>
          Search
        </Link>
        <Link href={ADAPTERS_HREF} isCurrent={route.page === 'adapters'}>
          Adapters
        </Link>
        <a href="/graphiql.html">GraphQL</a>
      </nav>
    </header>
  );
}

function Footer() {
  return (
    <footer class="site-footer">
      <p>
        Everything shown here comes from the public <a href="/graphiql.html">GraphQL API</a>. Press <kbd>/</kbd> to
        search.
      </p>
    </footer>
  );
}

function MissingPage({ path }: { readonly path: string }) {
  useEffect(() => {
    document.title = 'No such page · Sciclomatic';
  }, []);
  return (
    <div class="empty">
      <h1>No such page</h1>
      <p>
        Nothing is at <code>{path}</code>. <Link href="/">Search datasets</Link>
      </p>
    </div>
  );
}

/** Takes the focus to the content when another page comes, as loading it would; the first page keeps the browser's. */
function useFocusOnPageChange(route: Route, main: { readonly current: HTMLElement | null }): void {
  const place = route.page === 'dataset' ? `dataset ${route.id}` : route.page;
  const last = useRef(place);
  useEffect(() => {
    if (last.current === place) return;
    last.current = place;
    // `/` on another page leads to the search box: its focus stands.
    if (main.current?.contains(document.activeElement)) return;
    main.current?.focus({ preventScroll: true });
  }, [place, main]);
}

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
