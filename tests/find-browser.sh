#!/usr/bin/env bash
# Prints the path of a Chromium for the tests of the dashboard's page; on Debian it is installed if need be.
set -euo pipefail

find_chromium() {
  local name
  for name in chromium chromium-browser google-chrome; do
    command -v "$name" && return
  done
  return 1
}

install() {
  local root=()
  command -v apt-get > /dev/null || return 1
  [ "$(id -u)" = 0 ] || root=(sudo)
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core
}

if [ -n "${MESSAGING_BREAKER_TEST_BROWSER:-}" ]; then
  echo "$MESSAGING_BREAKER_TEST_BROWSER"
elif find_chromium || { install >&2 && find_chromium; }; then
  :
else
  echo "The tests of the dashboard's page need Chromium; on Debian, install it with: apt-get install chromium" >&2
  exit 1
fi
