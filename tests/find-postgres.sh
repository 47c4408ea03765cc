#!/usr/bin/env bash
# Prints how PostgreSQL can be run here, "docker" or "installed"; on Debian it is installed if necessary.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/find.sh"

image=postgres:18

installed() { compgen -G '/usr/lib/postgresql/*/bin/postgres' > /dev/null; }

if [ -n "${MESSAGING_BREAKER_TEST_POSTGRES:-}" ]; then
  echo "$MESSAGING_BREAKER_TEST_POSTGRES"
elif docker_has "$image" > /dev/null 2>&1; then
  echo docker
elif installed || { install_debian postgresql && installed; }; then
  echo installed
else
  echo "The integration tests need PostgreSQL: start a Docker engine that can pull $image," >&2
  echo "or install it, on Debian with: apt-get install postgresql" >&2
  exit 1
fi
