#!/usr/bin/env bash
# Packs what scripts/dist.sh builds into Debian packages, in target/dist. Takes the same arguments, by default x86_64.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- x86_64
scripts/dist.sh "$@"
rm -f target/dist/*.deb

name=rocketchat-engagement
dist=target/dist
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
maintainer=$(sed -n 's/^maintainer = "\(.*\)"$/\1/p' Cargo.toml)
export SOURCE_DATE_EPOCH LC_ALL=C
SOURCE_DATE_EPOCH=$(stat --format=%Y "$dist/$1/$name")

cargo_deb=$target/dist-tools/cargo/bin/cargo-deb
# Not optimized: that would take longer than all that it does here.
[ -x "$cargo_deb" ] || cargo install --quiet --debug --locked --root "$target/dist-tools/cargo" --target-dir "$target/dist-tools-build" \
    cargo-deb --version 3.8.0

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
    "$cargo_deb" deb --quiet --no-build --no-strip --target "$architecture-unknown-linux-musl" --output "$dist"
    rm -rf "$dist/debian"
done
