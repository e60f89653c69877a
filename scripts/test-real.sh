#!/usr/bin/env bash
# Tests with real servers and clients: every *.real.ts. Installs what it can by package name and says what it could not;
# tests that lack something skip themselves with a reason.
set -u
cd "$(dirname "$0")/.." || exit 1

apt_install() {
  command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || return 1
  apt-get update -qq >/dev/null 2>&1
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
}

if ! command -v chromium >/dev/null; then
  apt_install chromium fonts-dejavu-core || echo 'no Chromium here: the portal’s browser test is skipped'
fi

python=.cache/python
if command -v python3 >/dev/null; then
  if ! "$python/bin/python" -c 'import grpc, google.protobuf, grpc_health' 2>/dev/null; then
    python3 -m venv "$python" && "$python/bin/pip" install -q -r docs/examples/python-repository/requirements.txt ||
      echo 'no grpcio here: the Python repository’s test is skipped'
  fi
else
  echo 'no Python here: the Python repository’s test is skipped'
fi

[ -f dist/cli/main.js ] || npm run build || exit 1
SC_TEST_REAL=1 NODE_OPTIONS=--experimental-vm-modules npx jest --runInBand "$@"
