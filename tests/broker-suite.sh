#!/usr/bin/env bash
# Prints the folder under which a RabbitMQ of a given version is installed: "/" if it is this machine's own package. If this Debian
# lacks the version, a Debian that has it is installed into a cache folder, with nothing but its RabbitMQ: 400 MB, a minute or two.
#   broker-suite.sh 3.10|4.0|4.3
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/find.sh"
PATH=$PATH:/usr/sbin:/sbin # not on every user's

case "${1:-}" in
  3.10) version=3.10 suite=bookworm ;;
  4.0) version=4.0 suite=trixie ;;
  4.3) version=4.3 suite=sid ;;
  *) echo "Unknown broker '${1:-}': use docker, installed, 3.10, 4.0 or 4.3." >&2; exit 2 ;;
esac

cannot() { echo "RabbitMQ $version cannot be installed here: $1" >&2; exit 1; }
found_under() { basename -a "${1%/}"/usr/lib/rabbitmq/lib/rabbitmq_server-* | sed 's/^rabbitmq_server-//'; }
is_under() { [[ $(found_under "$1") == "$version".* ]]; }
own_release() { (. /etc/os-release && echo "${ID:-} ${VERSION_CODENAME:-}"); }

# The archive of this machine's own packages, which also has the other releases.
archive() { apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' | awk '$1 !~ "[-/]" && $2 == "main" { print $3; exit }'; }

install() { # FOLDER
  command -v apt-get > /dev/null || cannot "it is taken from Debian's $suite, and there is no apt-get that says where Debian's packages are."
  [[ $(own_release) == debian* ]] || cannot "it is taken from Debian's $suite, and this machine runs another system."
  [ "$(id -u)" = 0 ] || command -v sudo > /dev/null || cannot 'that needs root, or sudo.'
  command -v debootstrap > /dev/null || install_debian debootstrap || cannot 'there is no debootstrap, and apt-get could not install it.'
  local from
  from=$(archive)
  [ -n "$from" ] || cannot "apt-get knows no archive of Debian's packages: see /etc/apt/sources.list."

  echo "Installing RabbitMQ $version, from Debian's $suite, into $1" >&2
  as_root rm -rf "$1.new"
  if ! as_root debootstrap --variant=minbase --include=rabbitmq-server "$suite" "$1.new" "$from" > "$1.log" 2>&1; then
    tail -n 15 "$1.log" >&2
    cannot "debootstrap has failed; all that it said is in $1.log"
  fi
  as_root sh -c 'rm -rf "$0"/var/cache/apt/*.bin "$0"/var/cache/apt/archives/*.deb "$0"/var/lib/apt/lists/* "$0"/usr/share/doc "$0"/usr/share/man "$0"/usr/share/locale
    echo "127.0.0.1 localhost" > "$0/etc/hosts"' "$1.new"
  is_under "$1.new" || cannot "Debian's $suite has RabbitMQ $(found_under "$1.new") by now."
  as_root mv "$1.new" "$1"
}

is_under / 2> /dev/null && echo / && exit
if [ "$(own_release)" = "debian $suite" ] && [ ! -e /usr/lib/rabbitmq ] && install_debian rabbitmq-server && is_under /; then
  echo /
  exit
fi

cache=${XDG_CACHE_HOME:-$HOME/.cache}/messaging-breaker
mkdir -p "$cache"
folder=$cache/rabbitmq-$version
exec 9> "$folder.lock"
flock 9 # test projects that run side by side
[ -d "$folder" ] || install "$folder" 9>&-
echo "$folder"
