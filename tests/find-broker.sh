#!/usr/bin/env bash
# Prints how RabbitMQ can be run here, "docker" or "installed"; on Debian it is installed if need be.
set -euo pipefail

image=rabbitmq:4-management
installed=/usr/lib/rabbitmq/bin/rabbitmq-server

docker_runs() {
  command -v docker && timeout 20 docker info && { docker image inspect "$image" || timeout 300 docker pull "$image"; }
}

install() {
  local root=()
  command -v apt-get > /dev/null || return 1
  [ "$(id -u)" = 0 ] || root=(sudo)
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends rabbitmq-server
}

if [ -n "${MESSAGING_BREAKER_TEST_BROKER:-}" ]; then
  echo "$MESSAGING_BREAKER_TEST_BROKER"
elif docker_runs > /dev/null 2>&1; then
  echo docker
elif [ -x "$installed" ] || { install >&2 && [ -x "$installed" ]; }; then
  echo installed
else
  echo "The integration tests need RabbitMQ: start a Docker engine that can pull $image," >&2
  echo "or install the broker, on Debian with: apt-get install rabbitmq-server" >&2
  exit 1
fi
