#!/usr/bin/env bash
# Checks the container image that scripts/image.sh makes: its size, what is in it, that it runs without root, writes nothing, and that its
# health check works. Needs root and buildah; the image runs in a directory, since there may be no engine for containers.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/delivery.sh
. scripts/delivery.sh
[ "$(id -u)" = 0 ] || fail 'needs root'

scratch=$(mktemp -d)
server=
clean_up() {
    [ -z "$server" ] || { kill "$server" && wait "$server" || true; }
    [ -z "${root:-}" ] || umount --quiet "$root" || true
    [ -z "${container:-}" ] || buildah rm "$container" >/dev/null
    rm -rf --one-file-system "$scratch"
}
trap clean_up EXIT
export STORAGE_DRIVER=vfs
BUILDER=buildah scripts/image.sh >"$scratch/build.log" 2>&1 || fail "$(cat "$scratch/build.log")"
size=$(buildah images --json "$name:latest" | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["size"])')
container=$(buildah from --pull-never "$name:latest")
root=$(buildah mount "$container")
files=$(cd "$root" && find . -type f)
[ "$files" = "./usr/local/bin/$name" ] || fail "there is more in the image than its program: $files"
bytes=$(stat --format=%s "$root/usr/local/bin/$name")
[ "$bytes" -le "${MOST_BYTES:-20000000}" ] || fail "the program has $bytes bytes"
inspect() { buildah inspect --type image --format "$1" "$name:latest"; }
[ "$(inspect '{{.Docker.Config.User}}')" = 65532:65532 ] || fail "it runs as $(inspect '{{.Docker.Config.User}}')"
check=$(inspect '{{index .Docker.Config.Healthcheck.Test 1}} {{index .Docker.Config.Healthcheck.Test 2}}')
[ "$check" = "/usr/local/bin/$name health" ] || fail "its health check is $check"

# What a container has: a root directory that cannot be written to, no privileges, and the environment of the image.
mount --bind "$root" "$root" && mount -o remount,bind,ro "$root"
inside=(env -i BIND_IP=0.0.0.0 PORT=3197 METRICS_PORT=0 MONGO_URL=mongodb://127.0.0.1:1/rocketchat
    /usr/sbin/chroot --userspec=65532:65532 "$root" "/usr/local/bin/$name")
"${inside[@]}" serve >"$scratch/log" 2>&1 &
server=$!
until grep -q 'serving http://' "$scratch/log"; do
    kill -0 "$server" 2>/dev/null || fail "it does not run: $(cat "$scratch/log")"
    sleep 0.1
done
[ "$("${inside[@]}" health)" = '{"status":"ok"}' ] || fail 'its health check fails while it answers'
kill "$server"
wait "$server" || fail "it ends with $?: $(cat "$scratch/log")"
server=
if "${inside[@]}" health 2>/dev/null; then fail 'its health check succeeds while nothing answers'; fi
printf '%s: %s in an image of %s, the program %s MB\n' "${0##*/}" "$(basename "$files")" "$size" "$((bytes / 1000000))"
