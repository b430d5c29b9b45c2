#!/usr/bin/env bash
# The runner's registration, standing in: it checks what it is given and writes the files that run.sh looks for.
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail

url='' token="${ACTIONS_RUNNER_INPUT_TOKEN:-}" name=''
while [ "$#" -gt 0 ]; do
  case "$1" in
    --url) url="$2"; shift ;;
    --token) token="$2"; shift ;;
    --name) name="$2"; shift ;;
    --labels | --work | --runnergroup) shift ;;
    --unattended | --ephemeral | --disableupdate | --replace) ;;
    *) printf 'config.sh (stand-in): unrecognised argument %s\n' "$1" >&2; exit 1 ;;
  esac
  shift
done
case "${url}" in https://*) ;; *) printf 'config.sh (stand-in): --url must be an https address\n' >&2; exit 1 ;; esac
[ -n "${token}" ] || { printf 'config.sh (stand-in): there is no token\n' >&2; exit 1; }
cd "$(dirname "$0")"
printf '{"agentName": "%s", "gitHubUrl": "%s"}\n' "${name}" "${url}" >.runner
: >.credentials
