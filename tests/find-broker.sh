#!/usr/bin/env bash
# Prints how RabbitMQ can be run here: "docker", "installed", or a version. On Debian it is installed if necessary.
# MESSAGING_BREAKER_TEST_BROKER is obeyed or refused; without it, the newest that is quick to get is chosen.
set -euo pipefail
here=$(dirname -- "${BASH_SOURCE[0]}")
. "$here/find.sh"

image=rabbitmq:4-management
wanted=${MESSAGING_BREAKER_TEST_BROKER:-}

has_docker() { docker_has "$image" > /dev/null 2>&1; }
has_installed() { [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]; }

case $wanted in
  docker) has_docker || { echo "There is no Docker engine that can pull $image." >&2; exit 1; } ;;
  '') if has_docker; then wanted=docker; else wanted=installed; fi ;;
  installed) ;;
  *) "$here/broker-suite.sh" "$wanted" > /dev/null ;;
esac

if [ "$wanted" = installed ] && ! has_installed && ! { install_debian rabbitmq-server && has_installed; }; then
  echo "The integration tests need RabbitMQ: start a Docker engine that can pull $image," >&2
  echo "or install the broker, on Debian with: apt-get install rabbitmq-server" >&2
  exit 1
fi
echo "$wanted"
