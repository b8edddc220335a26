#!/usr/bin/env bash
# Says whether two builds in different directories are the same bytes.
#
#   scripts/reproducible.sh [ARCHITECTURE …]   builds the last commit in two clones, by scripts/dist.sh with these arguments. Takes
#                                              twice as long as one build, and about 2 GB of disk.
#   scripts/reproducible.sh --again            what make deb has just built here, packages and all, against one more build, of a copy
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/delivery.sh
. scripts/delivery.sh
repository=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset CARGO_TARGET_DIR

# Builds in a directory. The tools are installed once.
build_in() {
    local place=$1 script=$2
    shift 2
    [ ! -d "$tools" ] || { mkdir -p "$place/target" && cp -r "$tools" "$place/target/dist-tools"; }
    "$place/scripts/$script" "$@" >/dev/null
}

other=$scratch/another/and/longer
if [ "${1:-}" = --again ]; then
    [ -f "$dist/SHA256SUMS" ] || fail 'nothing was built here: make deb'
    architectures=()
    for architecture in x86_64 aarch64; do
        ! grep -q -- "-linux-$architecture.tar.gz" "$dist/SHA256SUMS" || architectures+=("$architecture")
    done
    one=$repository
    mkdir -p "$other"
    tar --create --exclude=./target . | tar --extract --directory "$other"
    build_in "$other" deb.sh "${architectures[@]}"
else
    one=$scratch/one
    # Both now, for commits may come while it builds.
    for place in "$one" "$other"; do git clone --quiet "$repository" "$place"; done
    for place in "$one" "$other"; do build_in "$place" dist.sh "$@"; done
fi
if diff "$one/target/dist/SHA256SUMS" "$other/target/dist/SHA256SUMS"; then
    cat "$one/target/dist/SHA256SUMS"
    printf '%s: two builds are the same bytes\n' "${0##*/}"
else
    printf '%s: two builds differ\n' "${0##*/}" >&2
    exit 1
fi
