#!/usr/bin/env bash
# Packs what scripts/dist.sh builds into Debian packages, in target/dist. Takes the same arguments, by default x86_64.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/delivery.sh
. scripts/delivery.sh
[ $# -gt 0 ] || set -- x86_64
scripts/dist.sh "$@"

maintainer=$(sed -n 's/^maintainer = "\(.*\)"$/\1/p' Cargo.toml)
export SOURCE_DATE_EPOCH LC_ALL=C
SOURCE_DATE_EPOCH=$(stat --format=%Y "$dist/$1/$name")

install_tool cargo-deb 3.8.0
for architecture; do
    # The layout that Cargo.toml names.
    rm -rf "$dist/debian"
    cp -r --preserve=mode,timestamps "$dist/$architecture" "$dist/debian"
    mkdir "$dist/debian/share" && mv "$dist/debian/deploy" "$dist/debian/share/deploy"
    # What is not for an administrator of an installed package, or lies elsewhere there.
    rm -r "$dist/debian/share/deploy/"{check.sh,debian,image,compose,helm,rocketchat-engagement.service}
    sed 's,/usr/local/bin/,/usr/bin/,' deploy/rocketchat-engagement.service >"$dist/debian/service"
    printf '%s (%s-1) stable; urgency=medium\n\n  * CHANGELOG.md in this directory says what is new.\n\n -- %s  %s\n' \
        "$name" "$version" "$maintainer" "$(date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")" >"$dist/debian/changelog"
    "$tools/cargo/bin/cargo-deb" deb --quiet --no-build --no-strip --target "$architecture-unknown-linux-musl" --output "$dist"
    rm -rf "$dist/debian"
done
write_checksums
