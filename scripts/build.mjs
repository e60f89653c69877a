// Builds what `npm start` runs: TypeScript to dist/, the files that it reads beside it, and the portal.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { buildPortal } from './build-portal.mjs';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const BUILT_FOLDERS = ['core', 'formats', 'proto', 'adapters', 'subgraphs', 'gateway', 'clients', 'cli'];
const ASSET = /\.(graphql|binpb)$/;

/** Files below a folder whose name matches. */
function listFiles(folder, pattern) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
for (const file of BUILT_FOLDERS.flatMap((folder) => listFiles(join(root, folder), ASSET))) {
  const target = join(dist, relative(root, file));
  mkdirSync(dirname(target), { recursive: true });
  cpSync(file, target);
}
await buildPortal(root, join(dist, 'portal'));

// `npx sc` finds the program here at once. A "bin" in package.json would make npx install the project into its cache first.
const link = join(root, 'node_modules/.bin/sc');
rmSync(link, { force: true });
symlinkSync('../../dist/cli/main.js', link);
chmodSync(join(dist, 'cli/main.js'), 0o755);
