#!/usr/bin/env bash
# Prints the path of a Chromium for the tests of the dashboard's page; on Debian it is installed if necessary.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/find.sh"

find_chromium() {
  local name
  for name in chromium chromium-browser google-chrome; do
    command -v "$name" && return
  done
  return 1
}

if [ -n "${MESSAGING_BREAKER_TEST_BROWSER:-}" ]; then
  echo "$MESSAGING_BREAKER_TEST_BROWSER"
elif find_chromium || { install_debian chromium fonts-dejavu-core && find_chromium; }; then
  :
else
  echo "The tests of the dashboard's page need Chromium; on Debian, install it with: apt-get install chromium" >&2
  exit 1
fi
