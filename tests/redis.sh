#!/usr/bin/env bash
# A private Redis on loopback, run from the installed package, that appends its writes to a file (AOF, everysec).
#   redis.sh start DIR [OWNER]    start (again) and wait until it answers; prints its address.
#                                 It ends with the process OWNER, however that ends.
#   redis.sh kill DIR             crash it; its data stays in DIR
#   redis.sh pause|resume DIR     let it hang (SIGSTOP), and continue
#   redis.sh remove DIR           crash it and delete DIR
set -euo pipefail

usage() { sed -n '2,8s/^# //p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
self=$(realpath "$0")
command=$1 dir=$(realpath -m "$2")
shift 2
. "$(dirname "$self")/ports.sh"

# kill -0 would also succeed on a process that has ended but has not been waited for.
alive() { [[ $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) == [!Z]* ]]; }

end() {
  local pid
  pid=$(cat "$dir/pid" 2>/dev/null) || return 0
  kill -KILL "$pid" 2>/dev/null || true
  while alive "$pid"; do sleep 0.02; done
  rm -f "$dir/pid"
}

start() {
  if [ ! -f "$dir/port" ]; then
    mkdir -p "$dir"
    choose_ports "$dir" 15000 2000 1 > "$dir/port"
    if [ $# -gt 0 ]; then
      # shellcheck disable=SC2016
      setsid bash -c 'tail --pid="$1" -f /dev/null; exec bash "$2" remove "$3"' watch "$1" "$self" "$dir" > /dev/null 2>&1 < /dev/null &
    fi
  fi
  local port
  port=$(cat "$dir/port")
  setsid redis-server --bind 127.0.0.1 --port "$port" --dir "$dir" --save '' --appendonly yes --appendfsync everysec \
    > "$dir/log" 2>&1 < /dev/null &
  local pid=$!
  echo $pid > "$dir/pid"
  until [ "$(redis-cli -p "$port" ping 2>/dev/null)" = PONG ]; do
    if ! alive $pid; then
      echo "Redis did not start; the end of its output:" >&2
      tail -n 15 "$dir/log" >&2
      exit 1
    fi
    sleep 0.02
  done
  echo "127.0.0.1:$port"
}

case $command in
  start) start "$@" ;;
  kill) end ;;
  pause) kill -STOP "$(cat "$dir/pid")" ;;
  resume) kill -CONT "$(cat "$dir/pid")" ;;
  remove) end; rm -rf "$dir" ;;
  *) usage ;;
esac
