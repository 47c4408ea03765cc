# Shared by the find-*.sh scripts; to be sourced.

# Whether a Docker engine answers that has the image or can pull it.
docker_has() { # IMAGE
  command -v docker && timeout 20 docker info && { docker image inspect "$1" || timeout 300 docker pull "$1"; }
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# Installs Debian packages, as root or with sudo; the output goes to standard error.
install_debian() { # PACKAGE...
  command -v apt-get > /dev/null || return 1
  as_root apt-get update -qq >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}
