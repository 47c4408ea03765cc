# Shared by the scripts that start nodes; to be sourced. A node keeps its ports while it is down, so no other node may choose them.

listening() { (exec 3<>"/dev/tcp/${address:-127.0.0.1}/$1") 2>/dev/null; }

# Prints the first of COUNT consecutive ports. They must be below the range from which the kernel takes the ports of outgoing connections:
# a client that keeps trying a dead node's port must not be able to occupy it.
choose_ports() { # DIR FIRST SLOTS COUNT
  local chosen=${TMPDIR:-/tmp}/messaging-breaker-ports.$(id -u) port offset
  mkdir -p "$chosen"
  # The directories of these nodes are gone. Another script may be deleting the same ones.
  find -L "$chosen" -type l -mmin +1 -delete 2>/dev/null || true
  while :; do
    port=$(($2 + RANDOM % $3 * $4))
    for ((offset = 0; offset < $4; offset++)); do
      ! listening $((port + offset)) || continue 2
    done
    ! ln -sT "$1" "$chosen/$port" 2>/dev/null || break
  done
  echo $port
}
