#!/usr/bin/env bash
# A cluster of three RabbitMQ nodes, each in its own network namespace, so that the network between them can be cut. Needs root or sudo,
# and ip. The nodes are DIR/1, DIR/2 and DIR/3; broker.sh stops, crashes and starts them.
#   broker-cluster.sh start DIR [OWNER [CONFIG]]
#                                       start all nodes, for the first time or again, and wait until they are ready; prints the AMQP and
#                                       management address of each. The cluster ends with the process OWNER, however that ends.
#   broker-cluster.sh kill DIR          crash all nodes at once
#   broker-cluster.sh cut DIR NODE      cut the network between that node and the others; their clients still reach all of them
#   broker-cluster.sh heal DIR          restore the network
#   broker-cluster.sh remove DIR        crash the nodes and delete DIR and the network
set -euo pipefail

usage() { sed -n '2,11s/^# //p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
self=$(realpath "$0")
broker=$(dirname "$self")/broker.sh
command=$1 dir=$(realpath -m "$2")
shift 2
PATH=$PATH:/usr/sbin:/sbin # not on every user's

[ "$(id -u)" = 0 ] || exec sudo -- env "MESSAGING_BREAKER_TEST_BROKER=${MESSAGING_BREAKER_TEST_BROKER:-}" \
  "XDG_CACHE_HOME=${XDG_CACHE_HOME:-$HOME/.cache}" bash "$self" "$command" "$dir" "$@"
cannot() { echo "A cluster cannot be run here: $1" >&2; exit 1; }

prepare() {
  command -v ip > /dev/null || cannot 'there is no ip, on Debian: apt-get install iproute2.'
  local node net
  # From the range reserved for network tests: a bridge on this machine, and a node at each of the first three addresses.
  while net=198.18.$((RANDOM % 256)); [ -n "$(ip -brief address show to "$net.0/24")" ]; do :; done
  mkdir -p "$dir"
  echo "$net" > "$dir/net"
  bridge=mb${net//198.18./}
  ip link add "$bridge" type bridge 2> "$dir/ip.out" || cannot "ip says: $(cat "$dir/ip.out")"
  ip address add "$net.254/24" dev "$bridge"
  ip link set "$bridge" up
  for node in 1 2 3; do
    ip netns add "$bridge-$node" 2> "$dir/ip.out" || cannot "ip says: $(cat "$dir/ip.out")"
    ip link add "$bridge-$node" type veth peer name eth0 netns "$bridge-$node"
    ip link set "$bridge-$node" master "$bridge" up
    ip -n "$bridge-$node" address add "$net.$node/24" dev eth0
    ip -n "$bridge-$node" link set eth0 up
    ip -n "$bridge-$node" link set lo up
    mkdir -p "$dir/$node"
    echo "network=$bridge-$node address=$net.$node members=($net.1 $net.2 $net.3)" > "$dir/$node/place"
  done
}

# In both directions: if only one side drops packets, the network is half alive.
each_link() { # NODE "add"|"delete"
  local other
  for other in 1 2 3; do
    [ "$other" = "$1" ] && continue
    ip -n "$bridge-$1" route "$2" blackhole "$net.$other" 2> /dev/null || true
    ip -n "$bridge-$other" route "$2" blackhole "$net.$1" 2> /dev/null || true
  done
}

start() {
  local node failed=0
  if [ ! -f "$dir/net" ]; then
    prepare
    if [ $# -gt 0 ]; then
      # shellcheck disable=SC2016
      setsid bash -c 'tail --pid="$1" -f /dev/null; exec bash "$2" remove "$3"' watch "$1" "$self" "$dir" > /dev/null 2>&1 < /dev/null &
    fi
  fi
  # They wait for each other: first to form a cluster, and later to find out which nodes are alive.
  local config=()
  [ $# -lt 2 ] || config=("$1" "$2")
  local starts=()
  for node in 1 2 3; do
    "$broker" start "$dir/$node" "${config[@]}" > "$dir/$node.addresses" &
    starts+=($!)
  done
  for node in "${starts[@]}"; do wait "$node" || failed=1; done
  [ $failed = 0 ] || exit 1
  cat "$dir"/[123].addresses
}

net=$(cat "$dir/net" 2> /dev/null || true) bridge=mb${net//198.18./}
case $command in
  start) start "$@" ;;
  kill) for node in 1 2 3; do "$broker" kill "$dir/$node" & done; wait ;;
  cut) each_link "$1" add ;;
  heal) for node in 1 2 3; do each_link $node delete; done ;;
  remove)
    for node in 1 2 3; do "$broker" remove "$dir/$node"; done
    if [ -n "$net" ]; then
      for node in 1 2 3; do ip netns delete "$bridge-$node" 2> /dev/null || true; done
      ip link delete "$bridge" 2> /dev/null || true
    fi
    rm -rf "$dir" ;;
  *) usage ;;
esac
