# Sourced, in the root of the repository, by the scripts that make packages and test them.
# shellcheck shell=bash disable=SC2034

name=rocketchat-engagement
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
dist=target/dist
# Where cargo builds, and where the tools are that only these scripts need.
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
tools=$target/dist-tools

fail() { printf '%s: %s\n' "${0##*/}" "$*" >&2 && exit 1; }

# Installs a tool of crates.io for these scripts. Not optimized: that would take longer than all that it does here.
install_tool() {
    [ -x "$tools/cargo/bin/$1" ] ||
        cargo install --quiet --debug --locked --root "$tools/cargo" --target-dir "$target/dist-tools-build" "$1" --version "$2"
}

# Of everything in target/dist that is handed on.
write_checksums() {
    (cd "$dist" && find . -maxdepth 1 -name "$name*" -type f -printf '%P\0' | sort --zero-terminated | xargs --null sha256sum | tee SHA256SUMS)
}
