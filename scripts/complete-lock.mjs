// Adds to package-lock.json the optional packages of other platforms. npm leaves out those that the registry in use does not
// offer, and `npm ci` then refuses the lock everywhere. Run it after a change of dependencies: node scripts/complete-lock.mjs
import { readFileSync, writeFileSync } from 'node:fs';

const OS = /(?:^|[-./])(android|darwin|freebsd|linux|openharmony|win32|sunos|netbsd|openbsd|aix)(?=[-.]|$)/;
const CPU = /[-.](arm64|x64|arm|ia32|ppc64|s390x|riscv64|loong64|mips64el)(?=[-.]|$)/;
const LIBC = /-(musl|gnu)(?:eabihf)?$/;

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
let added = 0;
for (const [place, entry] of Object.entries(lock.packages)) {
  for (const [name, wanted] of Object.entries(entry.optionalDependencies ?? {})) {
    const places = parentsOf(place).map((parent) => `${parent}node_modules/${name}`);
    if (places.some((one) => lock.packages[one])) continue;
    const os = OS.exec(name)?.[1];
    if (os === undefined) throw new Error(`${name} of ${place || 'the project'} is for no platform that is known here`);
    const cpu = CPU.exec(name)?.[1];
    const libc = os === 'linux' ? LIBC.exec(name)?.[1] : undefined;
    lock.packages[`node_modules/${name}`] = {
      version: wanted.replace(/^[\^~]/, ''),
      ...(cpu === undefined ? {} : { cpu: [cpu] }),
      ...(entry.dev ? { dev: true } : {}),
      ...(libc === undefined ? {} : { libc: [libc === 'gnu' ? 'glibc' : libc] }),
      optional: true,
      os: [os],
    };
    added++;
  }
}
const { '': project, ...packages } = lock.packages;
lock.packages = { '': project, ...Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1))) };
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} optional packages added`);

/** Folders from which a package looks for another: its own, then those around it. */
function parentsOf(place) {
  const parents = [place === '' ? '' : `${place}/`];
  for (let rest = place; rest.includes('node_modules/'); ) {
    rest = rest.slice(0, rest.lastIndexOf('node_modules/'));
    parents.push(rest);
  }
  return parents;
}
