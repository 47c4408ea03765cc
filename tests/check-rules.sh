#!/usr/bin/env bash
# Checks the rules of deploy/prometheus and runs their tests. Needs promtool; on Debian it is installed if need be.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../deploy/prometheus"

install() {
  local root=()
  command -v apt-get > /dev/null || return 1
  [ "$(id -u)" = 0 ] || root=(sudo)
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends prometheus
}

if ! command -v promtool > /dev/null && ! { install >&2 && command -v promtool > /dev/null; }; then
  echo "The Prometheus rules need promtool, which comes with Prometheus; on Debian: apt-get install prometheus" >&2
  exit 1
fi

promtool check config prometheus.yml
promtool check rules ./*.rules.yml
promtool test rules ./*.tests.yml
