#!/usr/bin/env bash
# Checks the Debian package of target/dist: with lintian, and by installing, running, upgrading, removing and purging it in an empty
# Debian 12 and 13, in which systemd runs as on a machine of their own. MongoDB is the demonstration's, on this machine.
#
# Needs root, lintian, debootstrap and systemd-nspawn (Debian: lintian debootstrap systemd-container), and that the ports 3100 and
# 9459 are free. Takes the suites as arguments.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- bookworm trixie
PATH=$PATH:/usr/sbin
export LC_ALL=C
# shellcheck source=scripts/delivery.sh
. scripts/delivery.sh
config=/etc/$name/config.toml

say() { printf '%s: %s\n' "${0##*/}" "$*"; }
# Waits until a command succeeds, for two minutes at most: the machine may be compiling. What it waits for is its first word.
await() {
    local what=$1 until=$((SECONDS + 120))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $until ] || fail "$what: not within two minutes"
        sleep 0.1
    done
}

[ "$(id -u)" = 0 ] || fail 'needs root'
package=$(realpath "$dist/$name"_*_amd64.deb) || fail 'there is no package: make deb'
for port in 3100 9459; do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && fail "port $port is in use here"
done

scratch=$(mktemp -d)
container=
stop_container() {
    [ -n "$container" ] || return 0
    # Told to power off as by a button; else it is killed.
    kill -s RTMIN+4 "$leader" 2>/dev/null || true
    timeout 30 tail --pid="$container" --follow /dev/null || kill -KILL "$container"
    container=
}
clean_up() {
    stop_container
    [ -z "${demo:-}" ] || { kill "$demo" && wait "$demo" || true; }
    rm -rf --one-file-system "$scratch"
}
trap clean_up EXIT

# Part of no distribution, so it closes no bug there.
lintian --allow-root --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs "$package"
say 'lintian: no error, no warning'

# The same with a higher version, to upgrade to.
repack() {
    dpkg-deb --raw-extract "$package" "$scratch/raw"
    sed -i "s/^Version: .*/Version: $1/" "$scratch/raw/DEBIAN/control"
    dpkg-deb --build --root-owner-group "$scratch/raw" "$2" >/dev/null
    rm -r "$scratch/raw"
}

# A MongoDB, and a service as it is to answer.
MONGOD=$(scripts/mongod.sh)
export MONGOD
env -u PORT "$dist/x86_64/$name" demo --port 0 >"$scratch/demo.out" 2>"$scratch/demo.log" &
demo=$!
await 'the demonstration' grep -q '^export MONGO_URL=' "$scratch/demo.out"
mongo_url=$(sed -n "s/^export MONGO_URL='\(.*\)'$/\1/p" "$scratch/demo.out")
[ -n "$mongo_url" ] || fail "the demonstration says no MONGO_URL: $(cat "$scratch/demo.out")"
expected_url=$(grep -o "http://[^'\"]*messages-sent[^'\"]*" "$scratch/demo.out" | head -n 1)
mapfile -t credentials < <(grep -o "x-[a-z-]*: [^'\"]*" "$scratch/demo.out" | head -n 2)
ask() { curl --silent --show-error --fail "${credentials[@]/#/-H}" "$1"; }

for suite; do
    root=$scratch/$suite
    say "$suite: an empty Debian"
    debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus "$suite" "$root" >"$scratch/$suite.log" 2>&1 ||
        fail "debootstrap: $(tail -n 5 "$scratch/$suite.log")"
    cp "$package" "$root/root/package.deb"
    repack 999.0-1 "$root/root/newer.deb"

    # A kernel of its own it has not: where cgroups are of version 1, newer releases of systemd have to be told.
    systemd-nspawn --quiet --register=no --keep-unit --boot --directory="$root" --machine="engagement-$suite" --timezone=off \
        systemd.unified_cgroup_hierarchy=no SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1 </dev/null >"$scratch/$suite.console" 2>&1 &
    container=$!
    # The process that is number 1 inside. systemd-nspawn has another child before it, which only makes that one and ends.
    find_leader() { leader=$(pgrep --parent "$container" --newest) && grep -q '^NSpid:.*[[:blank:]]1$' "/proc/$leader/status"; }
    await "$suite boots" find_leader
    inside() { nsenter --target "$leader" --mount --uts --ipc --pid --root --wd env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"; }
    (await "$suite: systemd" inside systemctl show --property=Version) || { tail -n 20 "$scratch/$suite.console" >&2 && exit 1; }
    state() { inside systemctl show --property="$1" --value $name; }
    is() { [ "$(state "$1")" = "$2" ] || fail "$suite: $1 of the unit is $(state "$1"), not $2"; }

    inside apt-get install --yes -qq /root/package.deb >"$scratch/$suite.apt" 2>&1 || fail "$suite: $(cat "$scratch/$suite.apt")"
    is ActiveState inactive
    is UnitFileState disabled
    [ "$(stat --format='%a %U:%G' "$root$config")" = '600 root:root' ] || fail "$suite: $config is $(stat --format='%a %U:%G' "$root$config")"
    for file in usr/share/man/man1/$name.1.gz usr/share/bash-completion/completions/$name usr/share/zsh/vendor-completions/_$name \
        usr/share/fish/vendor_completions.d/$name.fish usr/share/$name/deploy/mongodb-role.js usr/share/$name/deploy/nginx/snippets/$name.conf \
        usr/share/$name/deploy/grafana.json usr/share/$name/deploy/alerts.yml usr/share/doc/$name/docs/operations.md; do
        [ -s "$root/$file" ] || fail "$suite: $file is not in the package"
    done
    [ "$(inside $name --version)" = "$name $version" ] || fail "$suite: $(inside $name --version)"

    # One edited file and one command.
    sed -i "s,^mongo_url = .*,mongo_url = \"$mongo_url\"," "$root$config"
    inside systemctl enable --now --quiet $name
    await "$suite: ready" curl --silent --fail http://127.0.0.1:3100/readyz
    # Read whole before it is searched: grep ends at the first match, and curl would fail that has not written all.
    says() { local answer && answer=$(curl --silent --fail "http://127.0.0.1:3100$1") && [[ $answer == *"$2"* ]]; }
    live() { says /readyz '"counting":"live"'; }
    await "$suite: live" live
    here=http://127.0.0.1:3100/${expected_url#http://*/}
    expected=$(ask "$expected_url") || fail "the demonstration's service does not answer"
    [ "$(ask "$here")" = "$expected" ] || fail "$suite: another answer than the demonstration's"
    says /engagement '<html' || fail "$suite: no page"
    is UnitFileState enabled
    main=$(state MainPID)
    user=$(inside stat --format=%u "/proc/$main")
    [ "$user" -ge 61184 ] && [ "$user" -le 65519 ] || fail "$suite: it runs as user $user and not as one that systemd made up for it"
    inside $name health --config $config >/dev/null
    inside $name check --config $config --json >/dev/null || [ $? = 1 ] || fail "$suite: check says that it will not work"

    say "$suite: upgrade"
    before=$(sha256sum <"$root$config")
    inside apt-get install --yes -qq /root/newer.deb >"$scratch/$suite.apt" 2>&1 || fail "$suite: $(cat "$scratch/$suite.apt")"
    [ "$(sha256sum <"$root$config")" = "$before" ] || fail "$suite: the upgrade changed $config"
    restarted() { [ "$(state ActiveState)" = active ] && [ "$(state MainPID)" != "$main" ]; }
    await "$suite: restarted by the upgrade" restarted
    await "$suite: ready after the upgrade" curl --silent --fail http://127.0.0.1:3100/readyz

    say "$suite: settings of version 0.1.0, in the environment"
    sed -i "s,^mongo_url = .*,mongo_url = \"mongodb://127.0.0.1:1/nowhere\"," "$root$config"
    printf "MONGO_URL='%s'\nPORT=3100\nTZ=UTC\n" "$mongo_url" | install -m 600 /dev/stdin "$root/etc/$name.env"
    inside systemctl restart $name
    await "$suite: ready by the environment" curl --silent --fail http://127.0.0.1:3100/readyz
    rm "$root/etc/$name.env"
    if inside journalctl --quiet --unit=$name --priority=err --output=cat | grep .; then fail "$suite: errors in the journal"; fi

    say "$suite: removal and purge"
    inside apt-get remove --yes -qq $name >"$scratch/$suite.apt" 2>&1 || fail "$suite: $(cat "$scratch/$suite.apt")"
    [ "$(inside systemctl is-active $name || true)" != active ] || fail "$suite: it runs after its removal"
    [ -e "$root$config" ] && [ ! -e "$root/usr/bin/$name" ] || fail "$suite: the removal removes the program and keeps the settings"
    inside apt-get purge --yes -qq $name >"$scratch/$suite.apt" 2>&1 || fail "$suite: $(cat "$scratch/$suite.apt")"
    left=$(cd "$root" && find bin etc lib usr var -xdev -name "*$name*" ! -path 'var/log/*' -print)
    [ -z "$left" ] || fail "$suite: left behind: $left"
    stop_container
    rm -rf --one-file-system "$root"
    say "$suite: installed, ran, was upgraded, removed and purged"
done
