# shellcheck shell=bash
# What every tool here shares: where things lie, how progress is told, how a run ends.
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
STATE="${ROOT}/.lab"
# shellcheck disable=SC2034
VENV="${ROOT}/.venv"
mkdir -p "${STATE}"

# One thing that happened inside a step.
note() { printf '      %s\n' "$*"; }

# Ends the run with one sentence (what is wrong, what would be right) and no trace.
fail() {
  printf 'make: %s\n' "$*" >&2
  exit 1
}

# Runs a command silently into a log; on failure shows the log's end and the sentence.
quietly() {
  local log="${STATE}/log/$1.log" sentence="$2"
  shift 2
  mkdir -p "${STATE}/log"
  "$@" </dev/null >"${log}" 2>&1 || {
    tail -n 20 "${log}" >&2
    fail "${sentence} (the whole log: ${log})"
  }
}

apt_install() {
  local wanted=() package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "${package}" 2>/dev/null | grep -q 'ok installed' || wanted+=("${package}")
  done
  [ "${#wanted[@]}" -eq 0 ] && return 0
  note "installing ${wanted[*]}"
  command -v apt-get >/dev/null || fail "this system has no apt-get; install ${wanted[*]} by hand, or use Debian 12, 13 or Ubuntu 24.04"
  # apt-get fails where another one is at work, and checks run beside each other.
  (
    flock 9
    dpkg-query -W -f '${Package}\n' | sort >"${STATE}/packages.before"
    quietly apt-update "apt-get update failed; is Debian's package mirror reachable?" apt-get update -q
    quietly apt-install "apt-get could not install ${wanted[*]}" \
      env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${wanted[@]}"
    dpkg-query -W -f '${Package}\n' | sort | comm -13 "${STATE}/packages.before" - >>"${STATE}/packages.installed"
    rm -f "${STATE}/packages.before"
  ) 9>"${STATE}/apt.lock"
}
