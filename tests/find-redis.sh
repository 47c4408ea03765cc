#!/usr/bin/env bash
# Prints how Redis can be run here, "docker" or "installed"; on Debian it is installed if need be.
set -euo pipefail

image=redis:8

docker_runs() {
  command -v docker && timeout 20 docker info && { docker image inspect "$image" || timeout 300 docker pull "$image"; }
}

install() {
  local root=()
  command -v apt-get > /dev/null || return 1
  [ "$(id -u)" = 0 ] || root=(sudo)
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server
}

if [ -n "${MESSAGING_BREAKER_TEST_REDIS:-}" ]; then
  echo "$MESSAGING_BREAKER_TEST_REDIS"
elif docker_runs > /dev/null 2>&1; then
  echo docker
elif command -v redis-server > /dev/null || { install >&2 && command -v redis-server > /dev/null; }; then
  echo installed
else
  echo "The integration tests need Redis: start a Docker engine that can pull $image," >&2
  echo "or install it, on Debian with: apt-get install redis-server" >&2
  exit 1
fi
