# Starts a server in a session of its own, waits until it is ready, reads from it, and stops it.
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
set -u
user="$1" ready="$2" read="$3"
shift 3

log=$(mktemp)
chown "${user}" "${log}"
setsid setpriv --reuid="${user}" --regid="${user}" --clear-groups "$@" >"${log}" 2>&1 </dev/null &
server=$!

result=1
for _ in $(seq 400); do
  if bash -c "${ready}" >/dev/null 2>&1; then
    bash -euc "${read}"
    result=$?
    break
  fi
  kill -0 "${server}" 2>/dev/null || break
  sleep 0.05
done
if [ "${result}" -ne 0 ]; then
  printf 'the server did not get ready, or could not be read:\n' >&2
  cat "${log}" >&2
fi

kill -TERM -- "-${server}" 2>/dev/null
for _ in $(seq 100); do
  kill -0 -- "-${server}" 2>/dev/null || break
  sleep 0.05
done
kill -KILL -- "-${server}" 2>/dev/null
wait "${server}" 2>/dev/null
rm -f "${log}"
exit "${result}"
