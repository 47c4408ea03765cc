#!/usr/bin/env bash
# Builds everything and runs every test. Needs the .NET SDK, and finds or installs a RabbitMQ, a Redis and a PostgreSQL.
#   ./test.sh [--broker docker|installed|3.10|4.0|4.3] [--filter EXPRESSION] [--repeat N]
#             [--chaos N] [--chaos-seed SEED] [--share none|redis|bus] [--cluster] [--redrive] [--keys] [--hold]
# --broker chooses the RabbitMQ: a Docker engine's, the installed package, or a version. The default is the newest that is quick to get.
# A version that this Debian lacks is installed once into ~/.cache/messaging-breaker: a minute or two, and root or sudo.
# --filter is passed to dotnet test, e.g. FullyQualifiedName~Engine; --repeat runs the integration tests N times.
# --chaos runs N schedules of faults and nothing else. --chaos-seed starts at the schedule with that seed: one, unless --chaos says more.
# --share sets where the schedules' workers share breaker state; by default it is random. --cluster runs them on a cluster of three nodes.
# --redrive ends each schedule with a redrive of its dead letters, during which workers and brokers are killed too.
# --keys gives each merchant its own breaker, and payments mostly fails for a few merchants.
# --hold has an operator pause the queue of each fleet amid the faults; no message may be handled until the operator resumes it.
# The last line reads "N passed, N failed, N skipped".
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

filter='' repeat=1 projects=(tests/*/*.csproj) schedules='' seed='' share='' cluster='' redrive='' keys='' hold=''
while [ $# -gt 0 ]; do
  case "$1 ${2:-}" in
    "--cluster "*) cluster=yes; shift; continue ;;
    "--redrive "*) redrive=yes; shift; continue ;;
    "--keys "*) keys=yes; shift; continue ;;
    "--hold "*) hold=yes; shift; continue ;;
    "--broker "?*) export MESSAGING_BREAKER_TEST_BROKER=$2 ;;
    "--filter "?*) filter=$2 ;;
    "--repeat "[1-9]*) repeat=$2 ;;
    "--chaos "[1-9]*) schedules=$2 ;;
    "--chaos-seed "[0-9]*) seed=$2 ;;
    "--share none" | "--share redis" | "--share bus") share=$2 ;;
    *) sed -n '2,13s/^# //p' test.sh >&2; exit 2 ;;
  esac
  shift 2
done

chaos=tests/Messaging.Breaker.ChaosTests/Messaging.Breaker.ChaosTests.csproj
if [ -n "$schedules$seed$cluster$redrive$keys$hold" ]; then
  projects=("$chaos")
  filter=${filter:-kind=schedule}
fi
# Schedules for single nodes and for a cluster never run together.
filter="${filter:+($filter)&}FullyQualifiedName$([ -n "$cluster" ] && echo '~' || echo '!~')ChaosTests.ClusterTests"
# Cluster nodes are not containers.
[ -z "$cluster" ] || export MESSAGING_BREAKER_TEST_BROKER=${MESSAGING_BREAKER_TEST_BROKER:-installed}
[ -z "$seed" ] || schedules=${schedules:-1}
export MESSAGING_BREAKER_CHAOS_SCHEDULES=${schedules:-${MESSAGING_BREAKER_CHAOS_SCHEDULES:-}}
export MESSAGING_BREAKER_CHAOS_SEED=${seed:-$RANDOM}
export MESSAGING_BREAKER_CHAOS_SHARE=$share
export MESSAGING_BREAKER_CHAOS_CLUSTER=$cluster
export MESSAGING_BREAKER_CHAOS_REDRIVE=$redrive
export MESSAGING_BREAKER_CHAOS_KEYS=$keys
export MESSAGING_BREAKER_CHAOS_HOLD=$hold
export MESSAGING_BREAKER_CHAOS_RESULTS=$PWD/TestResults/chaos

MESSAGING_BREAKER_TEST_BROKER=$(tests/find-broker.sh)
MESSAGING_BREAKER_TEST_REDIS=$(tests/find-redis.sh)
MESSAGING_BREAKER_TEST_POSTGRES=$(tests/find-postgres.sh)
MESSAGING_BREAKER_TEST_BROWSER=$(tests/find-browser.sh)
export MESSAGING_BREAKER_TEST_BROKER MESSAGING_BREAKER_TEST_REDIS MESSAGING_BREAKER_TEST_POSTGRES MESSAGING_BREAKER_TEST_BROWSER
echo "RabbitMQ: $MESSAGING_BREAKER_TEST_BROKER, Redis: $MESSAGING_BREAKER_TEST_REDIS, PostgreSQL: $MESSAGING_BREAKER_TEST_POSTGRES"

dotnet build Messaging.sln --configuration Release --verbosity quiet

rm -rf TestResults
mkdir TestResults

run_project() { # PROJECT
  local name rounds=1 round result=0
  name=$(basename "$1" .csproj)
  [[ $name != *IntegrationTests ]] || rounds=$repeat
  for ((round = 1; round <= rounds; round++)); do
    # A project without a test that matches the filter has not failed, whatever the machine's settings are. Neither the output nor the
    # results distinguish it from a crash: in both cases they say that no test matches.
    dotnet test "$1" --configuration Release --no-build --filter "$filter" \
      --results-directory TestResults --logger "trx;LogFileName=$name-$round.trx" \
      --blame-hang-timeout 5m --blame-hang-dump-type none -- RunConfiguration.TreatNoTestsAsError=false || result=1
  done
  return $result
}

unit=tests/Messaging.Breaker.Tests/Messaging.Breaker.Tests.csproj
integration=tests/Messaging.Breaker.IntegrationTests/Messaging.Breaker.IntegrationTests.csproj
status=0

has() { [[ " ${projects[*]} " == *" $1 "* ]]; }

# Not side by side: the tests on brokers run several at once, and on two cores any more load makes them wait in vain.
! has "$unit" || run_project "$unit" || status=1
! has "$integration" || run_project "$integration" || status=1
for project in "${projects[@]}"; do
  [[ $project == "$unit" || $project == "$integration" || $project == "$chaos" ]] || run_project "$project" || status=1
done
! has "$chaos" || run_project "$chaos" || status=1

if [ -f TestResults/chaos/report.txt ]; then
  printf '\nSchedules of faults, from seed %s on:\n' "$MESSAGING_BREAKER_CHAOS_SEED"
  cat TestResults/chaos/report.txt
fi

# A skipped test is counted in "total" only.
read -r total executed passed < <(
  { grep -ho '<Counters [^>]*' TestResults/*.trx || true; } | awk -F '"' '
    { for (i = 1; i < NF; i += 2) { split($i, name, "="); sub(/.* /, "", name[1]); sum[name[1]] += $(i + 1) } }
    END { print sum["total"] + 0, sum["executed"] + 0, sum["passed"] + 0 }')
if [ "$executed" -eq 0 ]; then
  echo "No test ran." >&2
  status=1
elif [ $status -ne 0 ] && [ "$passed" -eq "$executed" ]; then
  echo "No test failed, but a test run was cut short: see above." >&2
fi
echo "$passed passed, $((executed - passed)) failed, $((total - executed)) skipped"
[ $status -eq 0 ] && [ "$passed" -eq "$executed" ]
