#!/usr/bin/env bash
# Checks what is in this directory with the tools that it is made for. Needs systemd-analyze; .ci/run installs it.
set -euo pipefail
cd "$(dirname "$0")"
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
