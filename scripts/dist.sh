#!/usr/bin/env bash
# Builds the static program for x86_64, and for aarch64 as well unless only x86_64 is given, and with it in target/dist:
#   ARCHITECTURE/                                     everything that is installed
#   rocketchat-engagement-VERSION-linux-ARCHITECTURE.tar.gz   the same in a tarball
#   rocketchat-engagement-VERSION.cdx.json            what the program is made of (CycloneDX)
#   SHA256SUMS
#
# Two builds of one commit are to be the same bytes, wherever they are made with the same compiler: scripts/reproducible.sh compares them.
#
# Needs an x86-64 Linux, rustup, and Python 3 with pip. The C compiler and linker is Zig's, from PyPI.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/delivery.sh
. scripts/delivery.sh

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || fail 'builds on x86-64 Linux only; build here with: cargo build --release'
[ $# -gt 0 ] || set -- x86_64 aarch64
# The first one's program runs here, and writes the manual page and the like of both.
case $* in x86_64 | 'x86_64 aarch64') ;; *) fail "write x86_64 or x86_64 aarch64, not $*" ;; esac
runs_here=$target/static/x86_64-unknown-linux-musl/release/$name

# The time of every file: that of the commit.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat --format=%Y CHANGELOG.md)}
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC
umask 022

# Zig, and what lets cargo use it.
if [ ! -x "$tools/bin/cargo-zigbuild" ]; then
    python3 -m pip --version >/dev/null 2>&1 || fail 'python3 with pip is needed (Debian: apt-get install python3-pip)'
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --only-binary :all: \
        --require-hashes --target "$tools" --requirement /dev/stdin <<'HASHES'
ziglang==0.13.0.post1 --hash=sha256:5ff0f2cb0d583b4f94820909612043f62e4d1d9a8bed77ceec088a01fc2ef015
cargo-zigbuild==0.24.1 --hash=sha256:238a1ab54a95053a4eadc34775c81f795a8ad75f80bfed63f3f445f518102375
HASHES
fi
export CARGO_ZIGBUILD_ZIG_PATH=$tools/ziglang/zig PATH=$tools/bin:$PATH

# Builds for one target triple.
build() (
    triple=$1
    sysroot=$(rustc --print sysroot)
    if ! compgen -G "$sysroot/lib/rustlib/$triple/lib/libstd-*.rlib" >/dev/null; then
        command -v rustup >/dev/null || fail "Rust's standard library for $triple is not there, and no rustup that could fetch it"
        rustup --quiet target add "$triple" || fail "rustup cannot fetch Rust's standard library for $triple"
    fi
    printf '%s: building for %s with %s\n' "${0##*/}" "$triple" "$(rustc --version)" >&2
    # No path of this machine is in the program.
    home=${CARGO_HOME:-$HOME/.cargo}
    flags=("--remap-path-prefix=$PWD=/source" "--remap-path-prefix=$target=/target" "--remap-path-prefix=$home=/cargo"
        # Zig has what begins and ends a program. At another address in each run, as far as the linker is concerned.
        -Clink-self-contained=no -Clink-arg=-pie)
    CARGO_ENCODED_RUSTFLAGS=$(IFS=$'\x1f' && printf '%s' "${flags[*]}")
    CFLAGS="-ffile-prefix-map=$home=/cargo -ffile-prefix-map=$target=/target"
    # mimalloc writes down when it was compiled: with SOURCE_DATE_EPOCH that is the time of the commit, but what Zig or cargo have
    # compiled for an earlier commit is used again.
    CFLAGS+=' -Wno-builtin-macro-redefined -D__DATE__="-" -D__TIME__="-"'
    export CARGO_ENCODED_RUSTFLAGS CFLAGS
    cargo zigbuild --quiet --release --locked --bin "$name" --target "$triple" --target-dir "$target/static"
)

# Puts everything that is installed into a directory.
stage() {
    local into=$1
    rm -rf "$into"
    mkdir -p "$into/man" "$into/completions"
    install -m 755 "$program" "$into/$name"
    "$runs_here" man >"$into/man/$name.1"
    for shell in bash zsh fish; do "$runs_here" completions "$shell" >"$into/completions/$name.$shell"; done
    "$runs_here" config --template >"$into/config.toml"
    cp -r README.md CHANGELOG.md LICENSE docs deploy "$dist/$name-$version.cdx.json" "$into/"
    chmod -R u=rwX,go=rX "$into"
    find "$into" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
}

# What the program is made of. Its time is that of the commit.
bill_of_materials() {
    install_tool cargo-cyclonedx 0.5.9
    # It writes beside Cargo.toml.
    "$tools/cargo/bin/cargo-cyclonedx" cyclonedx --quiet --format json --spec-version 1.5 --target x86_64-unknown-linux-musl \
        --no-build-deps --override-filename "$name.sbom"
    sed "s,path+file://$PWD,path+file:///source,g" "$name.sbom.json" >"$dist/$name-$version.cdx.json"
    rm "$name.sbom.json"
}

mkdir -p "$dist"
# Of another version or architecture, perhaps.
rm -f "$dist"/*.{tar.gz,deb,cdx.json}
bill_of_materials
for architecture; do
    build "$architecture-unknown-linux-musl"
    program=$target/static/$architecture-unknown-linux-musl/release/$name
    stage "$dist/$architecture"
    tarball=$name-$version-linux-$architecture
    tar --create --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
        --transform="s,^$architecture,$tarball," --directory "$dist" "$architecture" | gzip --no-name --best >"$dist/$tarball.tar.gz"
done
write_checksums
