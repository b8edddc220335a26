#!/bin/sh
# Runs a command, such as `make test`, on a machine that stands still for some seconds again and again: the command and
# everything that it starts are stopped and go on. What fails only then was about the machine and not about the product.
#
#   scripts/standstill.sh 6 20 make test     6 seconds after every 20
set -eu
[ $# -ge 3 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
long=$1
pause=$2
shift 2

setsid "$@" &
session=$!
# Not those that the tests have stopped themselves.
running() {
    ps -o pid=,stat= -s "$session" | awk '$2 !~ /^[TZ]/ { print $1 }'
}
while sleep "$pause" && kill -0 "$session" 2>/dev/null; do
    stopped=$(running)
    # shellcheck disable=SC2086 # many ids
    kill -STOP $stopped 2>/dev/null || true
    sleep "$long"
    # shellcheck disable=SC2086
    kill -CONT $stopped 2>/dev/null || true
done
wait "$session"
