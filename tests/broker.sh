#!/usr/bin/env bash
# A private RabbitMQ node on loopback, of the version in MESSAGING_BREAKER_TEST_BROKER (3.10, 4.0 or 4.3), or else of the installed
# package. The installed package does not need root; other versions need root or sudo.
#   broker.sh start DIR [OWNER [CONFIG]]
#                                 start (again) and wait until it is ready; prints the AMQP and the management address.
#                                 The node ends with the process OWNER, however that ends.
#                                 CONFIG replaces broker.config at the first start.
#   broker.sh stop|kill DIR       stop it cleanly, or crash it; its data stays in DIR
#   broker.sh ctl DIR ARG...      rabbitmqctl on that node
#   broker.sh remove DIR          crash it and delete DIR
set -euo pipefail

usage() { sed -n '2,10s/^# //p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
self=$(realpath "$0")
bin=/usr/lib/rabbitmq/bin # the wrappers on the PATH change the user
command=$1 dir=$(realpath -m "$2")
shift 2

# The root that the node runs under, chosen once: no other version can use its data.
if [ ! -f "$dir/root" ] && [ "$command" = start ]; then
  case ${MESSAGING_BREAKER_TEST_BROKER:-installed} in
    installed | docker) root=/ ;;
    *) root=$("$(dirname "$self")/broker-suite.sh" "$MESSAGING_BREAKER_TEST_BROKER") ;;
  esac
  mkdir -p "$dir"
  echo "$root" > "$dir/root"
fi
root=$(cat "$dir/root" 2>/dev/null || echo /)
if [ "$root" = / ]; then
  home=$dir inside=()
else
  [ "$(id -u)" = 0 ] || exec sudo -- bash "$self" "$command" "$dir" "$@"
  # In its own mount namespace: the mounts end with the process, and deleting ROOT cannot reach this machine's files through them.
  home=/srv
  # shellcheck disable=SC2016
  inside=(unshare --mount --propagation private sh -c
    'mount --rbind /proc "$0/proc" && mount --rbind /dev "$0/dev" && mount --bind "$1" "$0/srv" && shift && exec chroot "$0" "$@"' "$root" "$dir")
fi

# In a cluster, each node has its own network: see broker-cluster.sh.
address=127.0.0.1 network='' members=()
[ ! -f "$dir/place" ] || . "$dir/place"
. "$(dirname "$self")/ports.sh"
[ -z "$network" ] || inside=(ip netns exec "$network" "${inside[@]}")

# In its own network a node has the usual ports, like the other nodes of its cluster.
free_ports() {
  if [ -n "$network" ]; then echo 5672; else choose_ports "$dir" 20000 3000 4; fi
}

# kill -0 would also succeed on a process that has ended but has not been waited for.
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
  local amqp=$1 management=$(($1 + 1)) distribution=$(($1 + 2)) epmd=$(($1 + 3)) config=$2 name=localhost member
  mkdir -p "$dir/data"
  cp "$config" "$dir/advanced.config"
  echo '[rabbitmq_management].' > "$dir/enabled_plugins"
  printf '%s\n' "listeners.tcp.default = $address:$amqp" \
    "management.tcp.ip = $address" "management.tcp.port = $management" > "$dir/rabbitmq.conf"
  if [ ${#members[@]} -gt 0 ]; then
    name=$address
    printf '%s\n' 'loopback_users.guest = false' 'cluster_partition_handling = pause_minority' \
      'cluster_formation.peer_discovery_backend = classic_config' >> "$dir/rabbitmq.conf"
    for member in "${!members[@]}"; do
      echo "cluster_formation.classic_config.nodes.$((member + 1)) = breaker$amqp@${members[member]}" >> "$dir/rabbitmq.conf"
    done
    (umask 377; echo breaker > "$dir/.erlang.cookie")
  fi
  cat > "$dir/env" <<ENV
export HOME='$home' LANG=C.UTF-8 RUNNING_UNDER_SYSTEMD=1
export ERL_EPMD_ADDRESS=$address ERL_EPMD_PORT=$epmd ERL_CRASH_DUMP_SECONDS=0
export RABBITMQ_NODENAME=breaker$amqp@$name RABBITMQ_DIST_PORT=$distribution RABBITMQ_CONF_ENV_FILE=/dev/null
export RABBITMQ_CONFIG_FILE='$home/rabbitmq.conf' RABBITMQ_ADVANCED_CONFIG_FILE='$home/advanced.config'
export RABBITMQ_ENABLED_PLUGINS_FILE='$home/enabled_plugins'
export RABBITMQ_MNESIA_BASE='$home/data' RABBITMQ_LOG_BASE='$home' RABBITMQ_LOGS='$home/node.log' RABBITMQ_PID_FILE='$home/beam.pid'
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {${address//./,}}'
amqp=$amqp management=$management
ENV
  # A node that is cut off notices within seconds instead of the usual minute.
  [ ${#members[@]} = 0 ] || cat >> "$dir/env" <<'ENV'
export RABBITMQ_USE_LONGNAME=true RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="$RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS -kernel net_ticktime 4"
ENV
}

start() {
  if [ ! -x "${root%/}$bin/rabbitmq-server" ]; then
    echo 'No RabbitMQ is installed. On Debian: apt-get install rabbitmq-server, or MESSAGING_BREAKER_TEST_BROKER=4.3' >&2
    exit 1
  fi
  if [ ! -f "$dir/env" ]; then
    prepare "$(free_ports)" "${2:-$(dirname "$self")/broker.config}"
    # shellcheck disable=SC2016
    [ $# -eq 0 ] || launch watch bash -c 'tail --pid="$1" -f /dev/null; exec bash "$2" remove "$3"' watch "$1" "$self" "$dir"
  fi
  . "$dir/env"
  # A node starts an epmd if it finds none, and leaves it behind. So give it one that this script can end.
  if [ ! -f "$dir/epmd.pid" ]; then
    launch epmd "${inside[@]}" epmd -address "$address" -port "$ERL_EPMD_PORT"
    until listening "$ERL_EPMD_PORT"; do sleep 0.02; done
  fi
  if [ ! -f "$dir/node.pid" ] || ! alive "$(cat "$dir/node.pid")"; then
    rm -f "$dir/node.log"
    launch node "${inside[@]}" "$bin/rabbitmq-server"
  fi
  local deadline=$((SECONDS + 120))
  until grep -qa 'Server startup complete' "$dir/node.log" 2>/dev/null; do
    if ! alive "$(cat "$dir/node.pid")" || [ $SECONDS -ge $deadline ]; then
      echo "RabbitMQ did not start; the end of its output:" >&2
      tail -n 15 "$dir/node.out" >&2
      exit 1
    fi
    sleep 0.05
  done
  echo "amqp://guest:guest@$address:$amqp/"
  echo "http://guest:guest@$address:$management/"
}

case $command in
  start) start "$@" ;;
  stop) end TERM node ;;
  kill) end KILL node ;;
  ctl) . "$dir/env"; exec "${inside[@]}" "$bin/rabbitmqctl" -n "$RABBITMQ_NODENAME" "$@" ;;
  remove) end KILL node; end KILL epmd; rm -rf "$dir" ;;
  *) usage ;;
esac
