#!/usr/bin/env bash
# Make the real Pushgateway available to the benchmarks; print where it is.
#
# A program already on PATH (or in .tools) is used as it is. Otherwise it comes from Debian's or Ubuntu's own
# archive, unpacked into .tools: nothing is installed, no service is started, root is not needed.
set -euo pipefail

program=prometheus-pushgateway # everybody but Debian says pushgateway
package=prometheus-pushgateway
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools=$root/.tools
export PATH="$tools/usr/bin:$PATH"

fail() {
  echo "install-pushgateway.sh: $1" >&2
  echo "Remedy: put $program on PATH, from your system's packages or prometheus.io/download." >&2
  exit 1
}

find_program() { command -v "$program" || command -v pushgateway; }

unpack_into_tools() {
  local state=$tools/apt-pushgateway
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
  local apt=(-o "Dir::State::lists=$state/lists" -o "Dir::Cache=$state/cache" -o APT::Sandbox::User=)
  apt-get "${apt[@]}" -qq update || fail "apt-get update failed"
  apt-cache "${apt[@]}" show "$package" >/dev/null 2>&1 || fail "this system's archive has no $package"
  (cd "$state/cache/archives" && rm -f ./*.deb && apt-get "${apt[@]}" -qq download "$package") ||
    fail "apt-get download $package failed"
  local deb
  for deb in "$state"/cache/archives/*.deb; do dpkg-deb -x "$deb" "$tools"; done
  rm -rf "$state"
}

if ! find_program >/dev/null; then
  type apt-get dpkg-deb >/dev/null 2>&1 || fail "no $program here, and no apt-get to fetch it"
  unpack_into_tools
fi
find_program || fail "$package came without the program"
