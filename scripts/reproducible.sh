#!/usr/bin/env bash
# Says whether two builds of the last commit are the same bytes: clones it into two directories, runs scripts/dist.sh with these
# arguments in each, and compares the checksums. Takes twice as long as one build, and about 2 GB of disk.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/delivery.sh
. scripts/delivery.sh
repository=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset CARGO_TARGET_DIR
# Both now, for commits may come while it builds.
for place in one another/and/longer; do git clone --quiet "$repository" "$scratch/$place"; done
for place in one another/and/longer; do
    # Installed once.
    [ ! -d "$tools" ] || { mkdir "$scratch/$place/target" && cp -r "$tools" "$scratch/$place/target/dist-tools"; }
    "$scratch/$place/scripts/dist.sh" "$@" >/dev/null
done
if diff "$scratch/one/target/dist/SHA256SUMS" "$scratch/another/and/longer/target/dist/SHA256SUMS"; then
    cat "$scratch/one/target/dist/SHA256SUMS"
    printf '%s: two builds are the same bytes\n' "${0##*/}"
else
    printf '%s: two builds differ\n' "${0##*/}" >&2
    exit 1
fi
