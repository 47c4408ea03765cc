#!/usr/bin/env bash
# Checks the rules in deploy/prometheus and runs their tests. Needs promtool; on Debian it is installed if necessary.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/find.sh"
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../deploy/prometheus"

if ! command -v promtool > /dev/null && ! { install_debian prometheus && command -v promtool > /dev/null; }; then
  echo "The Prometheus rules need promtool, which comes with Prometheus; on Debian: apt-get install prometheus" >&2
  exit 1
fi

promtool check config prometheus.yml
promtool check rules ./*.rules.yml
promtool test rules ./*.tests.yml
