#!/usr/bin/env bash
# Prints how RabbitMQ can be run here, "docker" or "installed"; on Debian it is installed if need be.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/find.sh"

image=rabbitmq:4-management
installed=/usr/lib/rabbitmq/bin/rabbitmq-server

if [ -n "${MESSAGING_BREAKER_TEST_BROKER:-}" ]; then
  echo "$MESSAGING_BREAKER_TEST_BROKER"
elif docker_has "$image" > /dev/null 2>&1; then
  echo docker
elif [ -x "$installed" ] || { install_debian rabbitmq-server && [ -x "$installed" ]; }; then
  echo installed
else
  echo "The integration tests need RabbitMQ: start a Docker engine that can pull $image," >&2
  echo "or install the broker, on Debian with: apt-get install rabbitmq-server" >&2
  exit 1
fi
