#!/usr/bin/env bash
# Builds the static program for these architectures (x86_64, aarch64; by default both), and with it in target/dist:
#   ARCHITECTURE/                                     everything that is installed
#   rocketchat-engagement-VERSION-linux-ARCHITECTURE.tar.gz   the same in a tarball
#   rocketchat-engagement-VERSION.cdx.json            what the program is made of (CycloneDX)
#   SHA256SUMS
#
# Two builds of one commit are the same bytes, wherever they are made with the same compiler: scripts/reproducible.sh shows it.
#
# Needs an x86-64 Linux, Rust, and Python 3 with pip. The C compiler and linker is Zig's, from PyPI. Rust's standard library for
# musl comes from rustup, or, where rustup cannot fetch it, from source: Debian's packages rustc-web, cargo-web and rust-web-src.
set -euo pipefail
cd "$(dirname "$0")/.."
name=rocketchat-engagement
fail() { printf '%s: %s\n' "${0##*/}" "$*" >&2 && exit 1; }

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || fail 'builds on x86-64 Linux only; build here with: cargo build --release'
[ $# -gt 0 ] || set -- x86_64 aarch64
for architecture; do
    case $architecture in x86_64 | aarch64) ;; *) fail "$architecture is none of x86_64, aarch64" ;; esac
done

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
dist=target/dist
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
# The time of every file: that of the commit.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat --format=%Y CHANGELOG.md)}
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC
umask 022

# Zig, and what lets cargo use it.
tools=$target/dist-tools
if [ ! -x "$tools/bin/cargo-zigbuild" ]; then
    python3 -m pip --version >/dev/null 2>&1 || fail 'python3 with pip is needed (Debian: apt-get install python3-pip)'
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --only-binary :all: \
        --require-hashes --target "$tools" --requirement /dev/stdin <<'HASHES'
ziglang==0.13.0.post1 --hash=sha256:5ff0f2cb0d583b4f94820909612043f62e4d1d9a8bed77ceec088a01fc2ef015
cargo-zigbuild==0.24.1 --hash=sha256:238a1ab54a95053a4eadc34775c81f795a8ad75f80bfed63f3f445f518102375
HASHES
fi
export CARGO_ZIGBUILD_ZIG_PATH=$tools/ziglang/zig PATH=$tools/bin:$PATH

# Builds for one architecture.
build() {
    local triple=$1-unknown-linux-musl sysroot options=()
    has_standard_library() { compgen -G "$(rustc --print sysroot)/lib/rustlib/$triple/lib/libstd-*.rlib" >/dev/null; }
    if ! has_standard_library && command -v rustup >/dev/null; then
        timeout 120 rustup target add "$triple" >/dev/null 2>&1 || true
    fi
    if ! has_standard_library; then
        [ -d /usr/lib/rustlib/src/rust/library ] && [ -x /usr/bin/cargo ] || fail \
            "no standard library for $triple: rustup target add $triple, or on Debian apt-get install rustc-web cargo-web rust-web-src"
        PATH=$tools/bin:/usr/bin:/bin
        export RUSTC_BOOTSTRAP=1
        options+=(-Zbuild-std=std,panic_unwind)
    fi
    sysroot=$(rustc --print sysroot)
    printf '%s: building for %s with %s\n' "${0##*/}" "$triple" "$(rustc --version)" >&2
    # No path of this machine is in the program.
    local home=${CARGO_HOME:-$HOME/.cargo} maps=() map
    for map in "$PWD=/source" "$target=/target" "$home=/cargo" "$sysroot/lib/rustlib/src/rust=/rust" "$(realpath "$sysroot")/lib/rustlib/src/rust=/rust"; do
        maps+=("--remap-path-prefix=$map")
    done
    (
        IFS=$'\x1f'
        export CARGO_ENCODED_RUSTFLAGS="${maps[*]}" CFLAGS="-ffile-prefix-map=$home=/cargo -ffile-prefix-map=$target=/target"
        IFS=' '
        cargo zigbuild --quiet --release --locked --bin "$name" --target "$triple" --target-dir "$target/static" "${options[@]}"
    )
    program=$target/static/$triple/release/$name
}

# The settings with their reference: every default as a comment, and what almost everybody has to set.
settings() {
    cat <<'TOML'
# The settings of rocketchat-engagement. Four of them are almost always to be set, at the top; below are all others, with their
# defaults, as comments. After a change: systemctl restart rocketchat-engagement

# Rocket.Chat's own MONGO_URL serves; better is that of an account that can only read (mongodb-role.js makes it).
mongo_url = "mongodb://127.0.0.1:27017/rocketchat"

# Rocket.Chat's own time zone (its TZ).
time_zone = "UTC"

[http]
# The address that people open Rocket.Chat with.
root_url = "http://localhost:3000"
# Where the proxy finds this service. Rocket.Chat itself has port 3000.
port = 3100

TOML
    awk '
        /^mongo_url = |^time_zone = |^port = 3000|^root_url = / { skip = 1; next }
        /^\[http\]/ { print "# In the section [http] above:"; next }
        /^\[/ { print; next }
        /^#/ || /^$/ { print; next }
        { print "#" $0 }
    ' config/default.toml
}

# Puts everything that is installed into a directory.
stage() {
    local into=$1
    rm -rf "$into"
    mkdir -p "$into"
    install -m 755 "$program" "$into/$name"
    mkdir "$into/man" "$into/completions"
    "$runs_here" man >"$into/man/$name.1"
    "$runs_here" completions bash >"$into/completions/$name.bash"
    "$runs_here" completions zsh >"$into/completions/_$name"
    "$runs_here" completions fish >"$into/completions/$name.fish"
    "$runs_here" config-file >"$into/config.toml"
    cp -r README.md CHANGELOG.md LICENSE docs deploy "$into/"
    chmod -R u=rwX,go=rX "$into"
    find "$into" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
}
