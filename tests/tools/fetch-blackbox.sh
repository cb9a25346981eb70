#!/usr/bin/env bash
# Print where Debian's prometheus-blackbox-exporter is; unpack it into .tools when it is not on PATH.
# usage: fetch-blackbox.sh
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tools=$root/.tools
name=prometheus-blackbox-exporter
export PATH="$tools/usr/bin:$PATH"

fail() {
  echo "fetch-blackbox.sh: $1" >&2
  echo "Remedy: put $name on PATH, from your system's packages." >&2
  exit 1
}

if ! command -v "$name" >/dev/null; then
  type apt-get dpkg-deb >/dev/null 2>&1 || fail "no apt-get to fetch it with"
  state=$tools/apt-blackbox
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
  apt=(-o "Dir::State::lists=$state/lists" -o "Dir::Cache=$state/cache" -o APT::Sandbox::User=)
  apt-get "${apt[@]}" -qq update || fail "apt-get update failed"
  (cd "$state/cache/archives" && apt-get "${apt[@]}" -qq download "$name") || fail "apt-get download failed"
  for deb in "$state"/cache/archives/*.deb; do dpkg-deb -x "$deb" "$tools"; done
  rm -rf "$state"
fi
command -v "$name"
