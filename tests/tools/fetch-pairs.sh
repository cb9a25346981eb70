#!/usr/bin/env bash
# Put two pairs of Prometheus and Alertmanager beside each other, without touching the system:
#   .tools/floor    Debian 12's (2.42 / 0.25), the oldest that the bundle promises to work with
#   .tools/current  those of a newer Debian (3.x / 0.33 or later), with VictoriaMetrics' vmalert
# usage: fetch-pairs.sh [floor] [current]          default: both
#
# The programs need only glibc 2.34. They come from the Debian archive this machine already uses;
# elsewhere name one: DEBIAN_ARCHIVE=https://.../debian fetch-pairs.sh
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

fail() {
  echo "fetch-pairs.sh: $1" >&2
  echo "Remedy: unpack Prometheus, promtool, Alertmanager and amtool into $root/.tools/floor/usr/bin and $root/.tools/current/usr/bin." >&2
  exit 1
}

archive() {
  if [[ ${DEBIAN_ARCHIVE:-} ]]; then echo "$DEBIAN_ARCHIVE" && return; fi
  cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null |
    sed -n 's/^URIs: *\([^ ]*\/debian\)\/*$/\1/p; s/^deb \(\[[^]]*\] \)\?\([^ ]*\/debian\)\/* .*/\2/p' | head -n 1
}

is_there() { # DEST PROGRAM...
  local dest=$1 program
  shift
  for program in "$@"; do [[ -x $dest/usr/bin/$program ]] || return 1; done
}

unpack() { # DEST SUITE PACKAGE...: fetch what the suite has of the packages
  local dest=$1 suite=$2 state=$1/.apt deb package
  shift 2
  mkdir -p "$state"/etc/apt/{sources.list.d,preferences.d,apt.conf.d} "$state"/lists/partial "$state"/archives/partial "$state"/dpkg
  touch "$state/dpkg/status"
  local signed=''
  if [[ -e $keyring ]]; then signed="[signed-by=$keyring] "; fi
  echo "deb $signed$(archive) $suite main" >"$state/etc/apt/sources.list"
  local apt=(-o "Dir::Etc=$state/etc/apt" -o "Dir::State=$state" -o "Dir::State::lists=$state/lists" -o "Dir::State::status=$state/dpkg/status"
    -o "Dir::Cache=$state" -o "Dir::Cache::archives=$state/archives" -o APT::Sandbox::User= -o Dir::Etc::trusted=/etc/apt/trusted.gpg
    -o Dir::Etc::trustedparts=/etc/apt/trusted.gpg.d)
  apt-get "${apt[@]}" -qq update || return 1
  for package in "$@"; do
    if apt-cache "${apt[@]}" show "$package" >/dev/null 2>&1; then
      (cd "$state/archives" && apt-get "${apt[@]}" -qq download "$package") || return 1
    fi
  done
  for deb in "$state"/archives/*.deb; do dpkg-deb -x "$deb" "$dest"; done
  rm -rf "$state"
}

pair() { # NAME SUITES PACKAGES PROGRAMS: the first suite that has all of them wins
  local dest=$root/.tools/$1 suite
  if is_there "$dest" $4; then return; fi
  type apt-get dpkg-deb >/dev/null 2>&1 || fail "no apt-get to fetch the pair '$1' with"
  [[ $(archive) ]] || fail "this machine uses no Debian archive; name one in DEBIAN_ARCHIVE"
  for suite in $2; do
    if unpack "$dest" "$suite" $3 && is_there "$dest" $4; then return; fi
  done
  fail "none of these suites has the pair '$1': $2"
}

wanted=${*:-floor current}
for name in $wanted; do
  case $name in
    floor) pair floor bookworm 'prometheus prometheus-alertmanager' 'prometheus promtool prometheus-alertmanager amtool' ;;
    current)
      pair current 'forky trixie' 'prometheus promtool prometheus-alertmanager amtool victoria-metrics' \
        'prometheus promtool prometheus-alertmanager amtool'
      ;;
    *) echo "usage: $0 [floor] [current]" >&2 && exit 2 ;;
  esac
  echo "$root/.tools/$name/usr/bin"
done
