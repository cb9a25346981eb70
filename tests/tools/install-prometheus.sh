#!/usr/bin/env bash
# Make the real Prometheus tools available to the tests; print where they are.
# usage: install-prometheus.sh [prometheus-alertmanager]
#
# Programs already on PATH (or in .tools) are used as they are. Otherwise they come from Debian's or Ubuntu's
# own archive: as root as an installed package whose service is never started, else unpacked into .tools.
set -euo pipefail

oldest=2.42 # the floor of the compatibility promise: Prometheus of Debian 12
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tools=$root/.tools
export PATH="$tools/usr/bin:$PATH"

fail() {
  echo "install-prometheus.sh: $1" >&2
  echo "Remedy: put $programs (Prometheus >= $oldest) on PATH, from your system's packages or prometheus.io/download." >&2
  exit 1
}

# Debian calls Alertmanager's program prometheus-alertmanager, everybody else alertmanager.
find_program() {
  case $1 in
    alertmanager) command -v alertmanager || command -v prometheus-alertmanager ;;
    *) command -v "$1" ;;
  esac
}

is_recent() { # does program $1 exist and, if it is part of Prometheus itself, is it new enough?
  local path version
  path=$(find_program "$1") || return 1
  case $1 in alertmanager | amtool) return 0 ;; esac
  version=$("$path" --version 2>&1 | sed -n 's/.*version \([0-9][0-9.]*\).*/\1/p;T;q')
  [[ $(printf '%s\n' "$oldest" "$version" | sort -V | head -n 1) == "$oldest" ]]
}

are_ready() {
  local program
  for program in $programs; do is_recent "$program" || return 1; done
}

# Newer releases split promtool and amtool off into packages of their own.
available_packages() {
  local name
  for name in "$@"; do
    if apt-cache "${apt[@]}" show "$name" >/dev/null 2>&1; then echo "$name"; fi
  done
}

install_as_root() {
  local guard=/usr/sbin/policy-rc.d saved='' output
  apt=()
  apt-get -qq update || fail "apt-get update failed"
  mapfile -t wanted < <(available_packages "$@")
  ((${#wanted[@]})) || fail "this system's archive has no $*"

  # Exit code 101 tells the package scripts: do not start services.
  restore_guard() { if [[ $saved ]]; then mv -f "$saved" "$guard"; else rm -f "$guard"; fi; }
  if [[ -e $guard ]]; then saved=$(mktemp "$guard.XXXXXX") && cp -p "$guard" "$saved"; fi
  trap restore_guard EXIT
  printf '#!/bin/sh\nexit 101\n' >"$guard" && chmod 0755 "$guard"
  output=$(DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${wanted[@]}" </dev/null 2>&1) ||
    fail "apt-get install ${wanted[*]} failed: $output"
  restore_guard
  trap - EXIT

  # Nor may the next boot start what only tests need.
  if [[ -d /run/systemd/system ]]; then systemctl disable --quiet "$1" >&2 || true; fi
}

unpack_into_tools() {
  local state=$tools/apt
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
  apt=(-o "Dir::State::lists=$state/lists" -o "Dir::Cache=$state/cache" -o APT::Sandbox::User=)
  apt-get "${apt[@]}" -qq update || fail "apt-get update failed"
  mapfile -t wanted < <(available_packages "$@")
  ((${#wanted[@]})) || fail "this system's archive has no $*"
  (cd "$state/cache/archives" && rm -f ./*.deb && apt-get "${apt[@]}" -qq download "${wanted[@]}") ||
    fail "apt-get download ${wanted[*]} failed"
  local deb
  for deb in "$state"/cache/archives/*.deb; do dpkg-deb -x "$deb" "$tools"; done
  rm -rf "$state"
}

case ${1:-prometheus} in
  prometheus) programs='prometheus promtool' packages=(prometheus promtool) ;;
  prometheus-alertmanager) programs='alertmanager amtool' packages=(prometheus-alertmanager amtool) ;;
  *) echo "usage: $0 [prometheus-alertmanager]" >&2 && exit 2 ;;
esac

if ! are_ready; then
  type apt-get dpkg-deb >/dev/null 2>&1 || fail "no $programs here, and no apt-get to fetch them"
  if ((EUID == 0)); then install_as_root "${packages[@]}"; fi
  are_ready || unpack_into_tools "${packages[@]}"
fi
are_ready || fail "this system's archive has only an older Prometheus"
for program in $programs; do find_program "$program"; done
