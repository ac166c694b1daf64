#!/usr/bin/env bash
# checkov.sh <folder>: checkov, which looks for insecure settings, in a Python environment of its own. Ends with 1 where it cannot be had.
set -euo pipefail
version=3.3.30
folder=$1
if [ "$("$folder/bin/checkov" --version 2>/dev/null)" != "$version" ]; then
  rm -rf "$folder"
  python3 -m venv "$folder" >&2
  "$folder/bin/pip" install --quiet --timeout 10 --retries 1 --disable-pip-version-check "checkov==$version" >&2
  "$folder/bin/checkov" --version >&2
fi
