#!/usr/bin/env bash
# The contract of the official image's entrypoint: the root user of *_FILE and the scripts of initdb.d on an empty
# directory only, by a temporary mongod on 127.0.0.1; root drops to mongodb.
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail

file_env() {
  local name="$1" file="${1}_FILE"
  if [ "${!name:-}" ] && [ "${!file:-}" ]; then
    printf 'error: both %s and %s are set (but are exclusive)\n' "${name}" "${file}" >&2
    exit 1
  fi
  [ -z "${!file:-}" ] || export "${name}"="$(<"${!file}")"
  unset "${file}"
}

[ "${1:0:1}" != '-' ] || set -- mongod "$@"
if [ "$1" = mongod ] && [ "$(id -u)" -eq 0 ]; then
  find /data/configdb /data/db \! -user mongodb -exec chown mongodb '{}' +
  exec setpriv --reuid=mongodb --regid=mongodb --clear-groups "$0" "$@"
fi

if [ "$1" = mongod ]; then
  file_env MONGO_INITDB_ROOT_USERNAME
  file_env MONGO_INITDB_ROOT_PASSWORD
  if [ "${MONGO_INITDB_ROOT_USERNAME:-}" ] && [ "${MONGO_INITDB_ROOT_PASSWORD:-}" ]; then
    if [ ! -e /data/db/WiredTiger ]; then
      mongod --bind_ip 127.0.0.1 --port 27017 &
      temporary=$!
      for _ in $(seq 1 50); do
        mongosh --quiet --norc --host 127.0.0.1 --eval 'quit(0)' 2>/dev/null && break
        sleep 0.1
      done
      mongosh --quiet --norc --host 127.0.0.1 admin <<-'EOJS'
		db.createUser({
		  user: process.env.MONGO_INITDB_ROOT_USERNAME,
		  pwd: process.env.MONGO_INITDB_ROOT_PASSWORD,
		  roles: [{ role: 'root', db: 'admin' }]
		})
	EOJS
      for script in /docker-entrypoint-initdb.d/*; do
        case "${script}" in
          *.js) printf '%s: running %s\n' "$0" "${script}"; mongosh --quiet --norc --host 127.0.0.1 "${MONGO_INITDB_DATABASE:-test}" "${script}" ;;
          *.sh) printf '%s: running %s\n' "$0" "${script}"; bash "${script}" ;;
        esac
      done
      kill "${temporary}"
      wait "${temporary}" || :
      printf '\nMongoDB init process complete; ready for start up.\n\n'
    fi
    set -- "$@" --auth
  fi
  unset MONGO_INITDB_ROOT_USERNAME MONGO_INITDB_ROOT_PASSWORD MONGO_INITDB_DATABASE
fi
exec "$@"
