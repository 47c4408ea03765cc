#!/usr/bin/env bash
# Prints how Redis can be run here, "docker" or "installed"; on Debian it is installed if necessary.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/find.sh"

image=redis:8

if [ -n "${MESSAGING_BREAKER_TEST_REDIS:-}" ]; then
  echo "$MESSAGING_BREAKER_TEST_REDIS"
elif docker_has "$image" > /dev/null 2>&1; then
  echo docker
elif command -v redis-server > /dev/null || { install_debian redis-server && command -v redis-server > /dev/null; }; then
  echo installed
else
  echo "The integration tests need Redis: start a Docker engine that can pull $image," >&2
  echo "or install it, on Debian with: apt-get install redis-server" >&2
  exit 1
fi
