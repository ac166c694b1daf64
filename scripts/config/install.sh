# Sourced by scripts/start and scripts/test: what a bare machine lacks. Everything it says goes to stderr.

require_node() {
  local major
  major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null) || {
    echo 'Node.js is not installed: install Node 20 or newer.' >&2
    exit 1
  }
  if [ "$major" -lt 20 ]; then
    echo "Node.js $(node -v) is too old: install Node 20 or newer." >&2
    exit 1
  fi
}

# npm packages, again only when the lock file changed. Two at once wait for each other.
install_packages() {
  local stamp=node_modules/.installed-lock
  exec 9>.install.lock
  flock 9
  if ! cmp -s package-lock.json "$stamp"; then
    echo 'installing npm packages ...' >&2
    npm ci --no-audit --no-fund --loglevel=error >&2 || {
      echo 'npm ci failed: see the lines above.' >&2
      exit 1
    }
    cp package-lock.json "$stamp"
  fi
  exec 9>&-
}

# install_debian <command> <package>: true if the command is there afterwards.
install_debian() {
  command -v "$1" >/dev/null && return 0
  command -v apt-get >/dev/null || return 1
  local sudo=()
  [ "$(id -u)" -eq 0 ] || sudo=(sudo -n)
  echo "installing $2 from Debian ..." >&2
  { "${sudo[@]}" apt-get update -qq && "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2"; } >&2 || return 1
  command -v "$1" >/dev/null
}
