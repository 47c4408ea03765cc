#!/usr/bin/env bash
# A private RabbitMQ node on loopback, run from the installed package; root is not needed.
#   broker.sh start DIR [OWNER [CONFIG]]
#                                 start (again) and wait until it is ready; prints the AMQP and the management address.
#                                 The node goes when the process OWNER does, however that ends.
#                                 CONFIG is taken at the first start, in place of broker.config.
#   broker.sh stop|kill DIR       stop it cleanly, or crash it; its data stays in DIR
#   broker.sh ctl DIR ARG...      rabbitmqctl on that node
#   broker.sh remove DIR          crash it and delete DIR
set -euo pipefail

usage() { sed -n '2,9s/^# //p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
self=$(realpath "$0")
bin=/usr/lib/rabbitmq/bin # the wrappers on the PATH change the user
command=$1 dir=$(realpath -m "$2")
shift 2

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Four in a row, below the range from which the kernel takes the ports of outgoing connections:
# a client that keeps knocking at a dead broker's port must not be able to occupy it.
free_ports() {
  local base
  while base=$((20000 + RANDOM % 3000 * 4))
    listening $base || listening $((base + 1)) || listening $((base + 2)) || listening $((base + 3)); do :; done
  echo "$base"
}

# kill -0 would also succeed on a process that has ended and has not been waited for.
alive() { [[ $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) == [!Z]* ]]; }

end() { # SIGNAL NAME
  local pid
  pid=$(cat "$dir/$2.pid" 2>/dev/null) || return 0
  kill "-$1" "$pid" 2>/dev/null || true
  while alive "$pid"; do sleep 0.02; done
  rm -f "$dir/$2.pid"
}

launch() { # NAME COMMAND...
  setsid "${@:2}" > "$dir/$1.out" 2>&1 < /dev/null &
  echo $! > "$dir/$1.pid"
}

prepare() {
  local amqp=$1 management=$(($1 + 1)) distribution=$(($1 + 2)) epmd=$(($1 + 3)) config=$2
  mkdir -p "$dir/data"
  cp "$config" "$dir/advanced.config"
  echo '[rabbitmq_management].' > "$dir/enabled_plugins"
  printf '%s\n' "listeners.tcp.default = 127.0.0.1:$amqp" \
    'management.tcp.ip = 127.0.0.1' "management.tcp.port = $management" > "$dir/rabbitmq.conf"
  cat > "$dir/env" <<ENV
export HOME='$dir' LANG=C.UTF-8 RUNNING_UNDER_SYSTEMD=1
export ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=$epmd ERL_CRASH_DUMP_SECONDS=0
export RABBITMQ_NODENAME=breaker$amqp@localhost RABBITMQ_DIST_PORT=$distribution RABBITMQ_CONF_ENV_FILE=/dev/null
export RABBITMQ_CONFIG_FILE='$dir/rabbitmq.conf' RABBITMQ_ADVANCED_CONFIG_FILE='$dir/advanced.config'
export RABBITMQ_ENABLED_PLUGINS_FILE='$dir/enabled_plugins'
export RABBITMQ_MNESIA_BASE='$dir/data' RABBITMQ_LOG_BASE='$dir' RABBITMQ_LOGS='$dir/node.log' RABBITMQ_PID_FILE='$dir/beam.pid'
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}'
amqp=$amqp management=$management
ENV
}

start() {
  if [ ! -f "$dir/env" ]; then
    prepare "$(free_ports)" "${2:-$(dirname "$self")/broker.config}"
    # shellcheck disable=SC2016
    [ $# -eq 0 ] || launch watch bash -c 'tail --pid="$1" -f /dev/null; exec bash "$2" remove "$3"' watch "$1" "$self" "$dir"
  fi
  . "$dir/env"
  # A node starts an epmd if it finds none, and leaves it behind: give it one whose end is in our hands.
  if [ ! -f "$dir/epmd.pid" ]; then
    launch epmd epmd -address 127.0.0.1 -port "$ERL_EPMD_PORT"
    until listening "$ERL_EPMD_PORT"; do sleep 0.02; done
  fi
  rm -f "$dir/node.log"
  launch node "$bin/rabbitmq-server"
  local deadline=$((SECONDS + 120))
  until grep -qa 'Server startup complete' "$dir/node.log" 2>/dev/null; do
    if ! alive "$(cat "$dir/node.pid")" || [ $SECONDS -ge $deadline ]; then
      echo "RabbitMQ did not start; the end of what it said:" >&2
      tail -n 15 "$dir/node.out" >&2
      exit 1
    fi
    sleep 0.05
  done
  echo "amqp://guest:guest@127.0.0.1:$amqp/"
  echo "http://guest:guest@127.0.0.1:$management/"
}

case $command in
  start) start "$@" ;;
  stop) end TERM node ;;
  kill) end KILL node ;;
  ctl) . "$dir/env"; exec "$bin/rabbitmqctl" -n "$RABBITMQ_NODENAME" "$@" ;;
  remove) end KILL node; end KILL epmd; rm -rf "$dir" ;;
  *) usage ;;
esac
