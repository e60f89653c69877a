import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Files of the package, found from the sources and from the build alike. */
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The supergraph that was composed from the five schemas and committed. */
export const SUPERGRAPH_FILE = here('../../gateway/supergraph.graphql');

/** The built portal: beside the built code, or in dist/ when run from the sources. */
export const PORTAL_DIR =
  existsSync(here('../../portal/index.html')) && !existsSync(here('../../portal/main.tsx'))
    ? here('../../portal')
    : here('../../dist/portal');
