import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS } from '../core/errors.js';
import { generateResolverTypes } from './generate-types.js';

/** Regenerates everything that is committed and not written by hand. `npm run check` runs it and fails on a difference. */
const root = join(import.meta.dirname, '..');

function generateProtos(): void {
  const buf = join(root, 'node_modules', '.bin', 'buf');
  execFileSync(buf, ['generate'], { cwd: root, stdio: 'inherit' });
  execFileSync(buf, ['build', '-o', 'proto/gen/descriptors.binpb'], { cwd: root, stdio: 'inherit' });
}

function generateErrorDocument(): void {
  const rows = Object.entries(ERRORS).map(
    ([code, { meaning, callerShould, retryable, httpStatus, grpcStatus }]) =>
      `| \`${code}\` | ${meaning} | ${callerShould} | ${retryable ? 'yes' : 'no'} | ${httpStatus} | ${grpcStatus} |`,
  );
  const text = `# Errors

Printed from \`core/errors.ts\` by \`npm run generate\`. Codes are API and stable; messages are not. In GraphQL a code stands in
\`extensions.code\` and the failing repository, peer or subgraph in \`extensions.source\`; over gRPC it stands in the
trailing metadata \`sc-error-code\`; over HTTP in the body \`{"code", "message"}\`; \`sc\` prints it and exits with 1 (2 for wrong usage).

| code | meaning | the caller should | retry may help | HTTP | gRPC |
|---|---|---|---|---|---|
${rows.join('\n')}
`;
  writeFileSync(join(root, 'docs', 'errors.md'), text);
}

/** Generators of single rooms: every scripts/generate-<room>.ts that exports \`generate(root)\`. */
async function generateRooms(): Promise<void> {
  for (const file of readdirSync(import.meta.dirname)
    .filter((name) => /^generate-room-.+\.ts$/.test(name))
    .sort()) {
    const room = (await import(`./${file}`)) as { generate(root: string): Promise<void> };
    await room.generate(root);
  }
}

generateProtos();
generateErrorDocument();
await generateResolverTypes(root);
await generateRooms();
