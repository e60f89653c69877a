import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Browsers of the last years: what the portal's CSS needs (`clip-path`, `text-wrap`) or does well without. */
const BROWSERS = ['chrome111', 'firefox115', 'safari16.4'];

const ENTRIES = [
  { out: 'portal', in: 'portal/main.tsx' },
  { out: 'style', in: 'portal/style/main.css' },
  { out: 'favicon', in: 'portal/favicon.svg' },
  { out: 'graphiql', in: 'portal/graphiql/main.js' },
];

const PAGES = { 'index.html': 'portal/index.html', 'graphiql.html': 'portal/graphiql/graphiql.html' };

/**
 * Builds the portal and the offline GraphiQL page: `index.html` and `graphiql.html` into `outDir`, and what they load, under
 * names that hold a hash of the content, into `outDir/assets/`, which may be cached for ever. What was in `outDir` goes.
 *
 * @param {string} root The checkout.
 * @param {string} outDir
 * @returns {Promise<void>}
 */
export async function buildPortal(root, outDir) {
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ENTRIES,
    outdir: outDir,
    entryNames: 'assets/[name]-[hash]',
    chunkNames: 'assets/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    minify: true,
    metafile: true,
    target: BROWSERS,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.svg': 'copy' },
    legalComments: 'linked',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'warning',
  });
  const assets = findAssets(root, outDir, metafile);
  for (const [page, source] of Object.entries(PAGES)) {
    const html = (await readFile(join(root, source), 'utf8')).replace(/\{\{(.+?)\}\}/g, (_whole, name) => {
      const path = assets.get(name);
      if (path === undefined) throw new Error(`${source} asks for ${name}, which was not built`);
      return path;
    });
    await writeFile(join(outDir, page), html);
  }
}

/** `portal.js` → `/assets/portal-ABCDEFGH.js`, for each entry and for the CSS that a script brings along. */
function findAssets(root, outDir, { outputs }) {
  const assets = new Map();
  for (const [file, { entryPoint, cssBundle }] of Object.entries(outputs)) {
    const entry = ENTRIES.find((candidate) => candidate.in === entryPoint);
    if (entry === undefined) continue;
    for (const output of cssBundle === undefined ? [file] : [file, cssBundle]) {
      const path = relative(outDir, resolve(root, output)).replaceAll('\\', '/');
      assets.set(`${entry.out}${/\.[a-z]+$/.exec(basename(output))?.[0] ?? ''}`, `/${path}`);
    }
  }
  return assets;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = join(import.meta.dirname, '..');
  await buildPortal(root, resolve(process.argv[2] ?? join(root, 'dist', 'portal')));
}
