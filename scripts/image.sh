#!/usr/bin/env bash
# Makes the container image rocketchat-engagement of the static program in target/dist, by docker or buildah.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/delivery.sh
. scripts/delivery.sh
architecture=${1:-$(uname -m)}
program=$dist/$architecture/$name
[ -x "$program" ] || fail "there is no $program: make dist"
case $architecture in x86_64) platform=linux/amd64 ;; *) platform=linux/arm64 ;; esac
# Nothing but the program is sent to whoever builds.
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
cp --preserve=mode,timestamps "$program" "$context/"
if [ -z "${BUILDER:-}" ]; then
    if docker info >/dev/null 2>&1; then BUILDER=docker; else BUILDER=buildah; fi
fi
case $BUILDER in
docker) docker build --platform "$platform" --file deploy/image/Dockerfile --tag "$name:$version" --tag "$name:latest" "$context" ;;
# In Docker's format, for the other one has no health check.
*) "$BUILDER" build --platform "$platform" --format docker --timestamp "$(stat --format=%Y "$program")" --file deploy/image/Dockerfile \
    --tag "$name:$version" --tag "$name:latest" "$context" ;;
esac
