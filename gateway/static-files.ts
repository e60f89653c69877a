import { open, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { SECURITY_HEADERS } from './security-headers.js';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** A name with a hash of the content never changes its content. */
const HASHED_NAME = /[.-][A-Za-z0-9_-]{8,}\.(?:js|css|woff2|svg|png|map)$/;

/** What only a file can be meant by; deeper paths are the page's, whose segments may hold a dot (`/dataset/zenodo:10.5281/x.1`). */
const FILE_PATH = /^\/(?:assets\/|[^/]*\.(?!html$)[^/.]*$)/;

/** Files of a built page, from one folder. */
export interface StaticFiles {
  /** The file of a URL path, or the page itself for a path that names no file (the page routes it); undefined: there is none. */
  serve(request: Request, pathname: string): Promise<Response | undefined>;
}

/** @param dir holds index.html, and graphiql.html for `/graphql` in a browser */
export function createStaticFiles(dir: string): StaticFiles {
  return {
    serve: async (request, pathname) => {
      if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
      const path = readPath(pathname);
      if (path === undefined) return undefined;
      const file = path === '/' ? undefined : await serveFile(dir, path, request);
      if (file) return file;
      // A missing script must be 404: the page in its place would fail in a way that nobody understands.
      return FILE_PATH.test(path) ? undefined : serveFile(dir, '/index.html', request);
    },
  };
}

function readPath(pathname: string): string | undefined {
  try {
    const path = decodeURIComponent(pathname);
    return path.includes('\0') || path.split('/').includes('..') ? undefined : path;
  } catch {
    return undefined;
  }
}

async function serveFile(dir: string, path: string, request: Request): Promise<Response | undefined> {
  const root = await realpath(dir).catch(() => undefined);
  const real = root && (await realpath(join(root, path)).catch(() => undefined));
  if (root === undefined || real === undefined || !real.startsWith(root + sep)) return undefined;
  const file = await open(real, 'r');
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return undefined;
    const etag = `"${stat.size.toString(36)}-${Math.trunc(stat.mtimeMs).toString(36)}"`;
    const headers = {
      ...SECURITY_HEADERS,
      'cache-control': HASHED_NAME.test(real) ? 'public, max-age=31536000, immutable' : 'no-cache',
      etag,
    };
    if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers });
    const type = { 'content-type': MEDIA_TYPES[extname(real)] ?? 'application/octet-stream' };
    // Files of a built page are small; read whole, one is closed before a slow client takes it.
    const bytes = request.method === 'HEAD' ? null : new Uint8Array(await file.readFile());
    return new Response(bytes, { headers: { ...headers, ...type, 'content-length': String(stat.size) } });
  } finally {
    await file.close();
  }
}
