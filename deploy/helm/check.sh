#!/usr/bin/env bash
# Checks the Helm chart: helm's own lint, what it renders, against the schemas of Kubernetes and by the tests beside this, what it
# refuses, and its package. Needs Python 3.11 and pip. There is no cluster here: that the API server takes it is not tried.
set -euo pipefail
cd "$(dirname "$0")"
tools=${CARGO_TARGET_DIR:-../../target}/helm
mkdir -p "$tools"
tools=$(cd "$tools" && pwd)
wanted=$(sha256sum <tests/requirements.txt)
if [ "$(cat "$tools/installed" 2>/dev/null)" != "$wanted" ]; then
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --only-binary :all: --upgrade \
        --require-hashes --target "$tools" --requirement tests/requirements.txt
    printf '%s\n' "$wanted" >"$tools/installed"
fi

# helm keeps settings and plugins of the user's elsewhere.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export HELM_CACHE_HOME=$scratch HELM_CONFIG_HOME=$scratch HELM_DATA_HOME=$scratch
export HELM=$tools/bin/helm PYTHONPATH=$tools PYTHONDONTWRITEBYTECODE=1
cd tests
said=$(python3 -m unittest test_objects test_values test_package 2>&1) || { printf '%s\n' "$said" && exit 1; }
