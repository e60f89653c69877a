#!/usr/bin/env bash
# Everything that is checked without running the program: formatting, lint, types, import arrows, unused code, protos,
# generated files up to date. Every step runs; the last line says which failed.
set -u
cd "$(dirname "$0")/.." || exit 1
export PATH="$PWD/node_modules/.bin:$PATH"
failed=()

step() {
  local name=$1
  shift
  printf '== %s\n' "$name"
  "$@" || failed+=("$name")
}

generated_is_current() {
  local before after
  before=$(list_generated)
  tsx scripts/generate.ts || return 1
  after=$(list_generated)
  [ "$before" = "$after" ] && return 0
  echo 'Generated files were out of date; they are written now: look at them and commit them.'
  diff <(printf '%s\n' "$before") <(printf '%s\n' "$after")
  return 1
}

list_generated() {
  find proto/gen subgraphs/*/gen clients/typescript/gen gateway/supergraph.graphql docs/errors.md -type f -print0 | sort -z | xargs -0 sha256sum
}

step 'format and lint (biome)' biome ci --error-on-warnings .
step 'typed lint (eslint)' eslint .
step 'types (tsc)' tsc --noEmit -p tsconfig.json
step 'import arrows (dependency-cruiser)' depcruise --config .dependency-cruiser.mjs core formats proto adapters subgraphs gateway portal clients cli load-tests test scripts
step 'unused code (knip)' knip
step 'protos: lint (buf)' buf lint
step 'protos: format (buf)' buf format --diff --exit-code
step 'generated files' generated_is_current

if [ ${#failed[@]} -gt 0 ]; then
  printf 'check failed: %s\n' "${failed[*]}"
  exit 1
fi
echo 'check passed'
