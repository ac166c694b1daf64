#!/usr/bin/env bash
# cloud-init.sh <folder>: Debian's cloud-init, unpacked there and not installed, because an installed one takes over the machine's
# next boot. Ends with 1 where it cannot be had.
set -euo pipefail
folder=$(mkdir -p "$1" && cd "$1" && pwd)
packages=(cloud-init python3-yaml python3-jsonschema python3-attr python3-pyrsistent python3-jinja2 python3-markupsafe
  python3-configobj python3-requests python3-urllib3 python3-idna python3-certifi python3-chardet python3-six python3-oauthlib
  python3-jsonpatch python3-json-pointer python3-netifaces python3-serial)
run() { PYTHONPATH="$folder/usr/lib/python3/dist-packages" /usr/bin/python3 -m cloudinit.cmd.main "$@"; }
if [ ! -e "$folder/complete" ]; then
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null && [ -x /usr/bin/python3 ] || exit 1
  debs=$(mktemp -d)
  trap 'rm -rf "$debs"' EXIT
  fetch() { (cd "$debs" && apt-get download -qq "${packages[@]}") >&2; }
  # A machine that has never asked for a package has no lists.
  fetch || { apt-get update -qq >&2 && fetch; }
  for deb in "$debs"/*.deb; do dpkg-deb -x "$deb" "$folder"; done
  run --version >&2
  touch "$folder/complete"
fi
