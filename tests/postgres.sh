#!/usr/bin/env bash
# A private PostgreSQL on loopback, run from the installed package: user, password and database are "postgres".
#   postgres.sh start DIR [OWNER]    start (again) and wait until it answers; prints its address.
#                                    It ends with the process OWNER, however that ends.
#   postgres.sh stop|kill DIR        stop it cleanly, or crash it with all its processes; its data stays in DIR
#   postgres.sh pause|resume DIR     let it hang (SIGSTOP), and continue
#   postgres.sh remove DIR           crash it and delete DIR
set -euo pipefail

usage() { sed -n '2,7s/^# //p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
self=$(realpath "$0")
bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
command=$1 dir=$(realpath -m "$2")
shift 2
. "$(dirname "$self")/ports.sh"

# kill -0 would also succeed on a process that has ended but has not been waited for.
alive() { [[ $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) == [!Z]* ]]; }

# PostgreSQL refuses to run as root.
user=()
if [ "$(id -u)" = 0 ]; then
  id postgres > /dev/null 2>&1 && name=postgres || name=nobody
  user=(setpriv "--reuid=$name" "--regid=$(id -g "$name")" --clear-groups)
fi

# Every process is in its own session. The first one starts the others; while it is stopped or gone, it starts none.
signal_all() { # SIGNAL
  local first others
  first=$(cat "$dir/pid" 2>/dev/null) || return 0
  kill "-$1" "$first" 2>/dev/null || return 0
  others=$(pgrep -P "$first") || true
  # shellcheck disable=SC2086
  [ -z "$others" ] || kill "-$1" $others 2>/dev/null || true
}

end() { # SIGNAL
  local first pid pids
  first=$(cat "$dir/pid" 2>/dev/null) || return 0
  [ "$1" != KILL ] || signal_all STOP
  pids="$first $(pgrep -P "$first" || true)"
  # shellcheck disable=SC2086
  if [ "$1" = KILL ]; then kill -KILL $pids 2>/dev/null || true; else signal_all CONT; kill "-$1" "$first" 2>/dev/null || true; fi
  for pid in $pids; do
    while alive "$pid"; do sleep 0.02; done
  done
  rm -f "$dir/pid"
  # A crash leaves this behind. It would make the next start fail while the dead process waits for its parent, and keep memory allocated.
  if [ -f "$dir/data/postmaster.pid" ]; then
    ipcrm --shmem-id "$(awk 'NR == 7 { print $2 }' "$dir/data/postmaster.pid")" 2>/dev/null || true
    rm "$dir/data/postmaster.pid"
  fi
}

prepare() {
  mkdir -p "$dir"
  echo postgres > "$dir/password"
  [ ${#user[@]} = 0 ] || chown -R "$name" "$dir"
  "${user[@]}" "$bin/initdb" --pgdata "$dir/data" --username postgres --pwfile "$dir/password" --auth scram-sha-256 \
    --encoding UTF8 --locale C --no-sync > "$dir/log" 2>&1 || { tail -n 15 "$dir/log" >&2; exit 1; }
  choose_ports "$dir" 17000 2000 1 > "$dir/port"
}

start() {
  cd /
  if [ ! -f "$dir/port" ]; then
    prepare
    if [ $# -gt 0 ]; then
      # shellcheck disable=SC2016
      setsid bash -c 'tail --pid="$1" -f /dev/null; exec bash "$2" remove "$3"' watch "$1" "$self" "$dir" > /dev/null 2>&1 < /dev/null &
    fi
  fi
  local port
  port=$(cat "$dir/port")
  setsid "${user[@]}" "$bin/postgres" -D "$dir/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c fsync=off -c max_connections=500 -c shared_buffers=16MB -c dynamic_shared_memory_type=mmap > "$dir/log" 2>&1 < /dev/null &
  local pid=$!
  echo $pid > "$dir/pid"
  until "$bin/pg_isready" --quiet --host 127.0.0.1 --port "$port"; do
    if ! alive $pid; then
      echo "PostgreSQL did not start; the end of its output:" >&2
      tail -n 15 "$dir/log" >&2
      exit 1
    fi
    sleep 0.02
  done
  echo "127.0.0.1:$port"
}

case $command in
  start) start "$@" ;;
  stop) end INT ;;
  kill) end KILL ;;
  pause) signal_all STOP ;;
  resume) signal_all CONT ;;
  # Even an immediate shutdown returns the kernel's resources.
  remove) end QUIT; rm -rf "$dir" ;;
  *) usage ;;
esac
