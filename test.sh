#!/usr/bin/env bash
# Builds everything and runs every test. Needs the .NET SDK, and finds or installs a RabbitMQ and a Redis.
#   ./test.sh [--filter EXPRESSION] [--repeat N] [--chaos N] [--chaos-seed SEED] [--share none|redis|bus]
# --filter is that of dotnet test, e.g. FullyQualifiedName~Engine; --repeat runs the integration tests N times.
# --chaos runs N schedules of faults and nothing else, --chaos-seed those from SEED on: one, unless --chaos says more;
# --share says where their workers share the breakers' state, which is drawn otherwise.
# The last line reads "N passed, N failed, N skipped".
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

filter=() repeat=1 projects=(tests/*/*.csproj) schedules='' seed='' share=''
while [ $# -gt 0 ]; do
  case "$1 ${2:-}" in
    "--filter "?*) filter=(--filter "$2") ;;
    "--repeat "[1-9]*) repeat=$2 ;;
    "--chaos "[1-9]*) schedules=$2 ;;
    "--chaos-seed "[0-9]*) seed=$2 ;;
    "--share none" | "--share redis" | "--share bus") share=$2 ;;
    *) sed -n '2,7s/^# //p' test.sh >&2; exit 2 ;;
  esac
  shift 2
done

chaos=tests/Messaging.Breaker.ChaosTests/Messaging.Breaker.ChaosTests.csproj
[ -z "$schedules$seed" ] || projects=("$chaos")
export MESSAGING_BREAKER_CHAOS_SCHEDULES=${schedules:-${seed:+1}}
export MESSAGING_BREAKER_CHAOS_SEED=${seed:-$RANDOM}
export MESSAGING_BREAKER_CHAOS_SHARE=$share
export MESSAGING_BREAKER_CHAOS_RESULTS=$PWD/TestResults/chaos

MESSAGING_BREAKER_TEST_BROKER=$(tests/find-broker.sh)
MESSAGING_BREAKER_TEST_REDIS=$(tests/find-redis.sh)
MESSAGING_BREAKER_TEST_BROWSER=$(tests/find-browser.sh)
export MESSAGING_BREAKER_TEST_BROKER MESSAGING_BREAKER_TEST_REDIS MESSAGING_BREAKER_TEST_BROWSER
echo "RabbitMQ: $MESSAGING_BREAKER_TEST_BROKER, Redis: $MESSAGING_BREAKER_TEST_REDIS"

dotnet build Messaging.sln --configuration Release --verbosity quiet

rm -rf TestResults
status=0
for project in "${projects[@]}"; do
  name=$(basename "$project" .csproj) rounds=1
  [[ $name != *IntegrationTests ]] || rounds=$repeat
  for ((round = 1; round <= rounds; round++)); do
    dotnet test "$project" --configuration Release --no-build "${filter[@]}" \
      --results-directory TestResults --logger "trx;LogFileName=$name-$round.trx" \
      --blame-hang-timeout 5m --blame-hang-dump-type none || status=1
  done
done

if [ -f TestResults/chaos/report.txt ]; then
  printf '\nSchedules of faults, from seed %s on:\n' "$MESSAGING_BREAKER_CHAOS_SEED"
  cat TestResults/chaos/report.txt
fi

# A skipped test is counted in "total" only.
read -r total executed passed < <(
  { grep -ho '<Counters [^>]*' TestResults/*.trx || true; } | awk -F '"' '
    { for (i = 1; i < NF; i += 2) { split($i, name, "="); sub(/.* /, "", name[1]); sum[name[1]] += $(i + 1) } }
    END { print sum["total"] + 0, sum["executed"] + 0, sum["passed"] + 0 }')
if [ "$total" -eq 0 ]; then
  echo "No test ran." >&2
  status=1
elif [ $status -ne 0 ] && [ "$passed" -eq "$executed" ]; then
  echo "No test failed, but a test run was cut short: see above." >&2
fi
echo "$passed passed, $((executed - passed)) failed, $((total - executed)) skipped"
[ $status -eq 0 ] && [ "$passed" -eq "$executed" ]
