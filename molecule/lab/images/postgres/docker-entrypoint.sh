#!/usr/bin/env bash
# The contract of the official image's entrypoint: POSTGRES_* and *_FILE on an empty data directory only,
# initdb, a temporary server on the socket alone while /docker-entrypoint-initdb.d runs, root drops to postgres.
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail

file_env() {
  local name="$1" file="${1}_FILE" default="${2:-}"
  if [ "${!name:-}" ] && [ "${!file:-}" ]; then
    printf 'error: both %s and %s are set (but are exclusive)\n' "${name}" "${file}" >&2
    exit 1
  fi
  local value="${!name:-${default}}"
  [ -z "${!file:-}" ] || value="$(<"${!file}")"
  export "${name}"="${value}"
  unset "${file}"
}

prepare_directories() {
  mkdir -p "${PGDATA}"
  chmod 00700 "${PGDATA}" || :
  mkdir -p /var/run/postgresql || :
  chmod 03775 /var/run/postgresql || :
  [ "$(id -u)" -ne 0 ] || find "${PGDATA}" /var/run/postgresql \! -user postgres -exec chown postgres '{}' +
}

initialise() {
  if [ -z "${POSTGRES_PASSWORD}" ] && [ "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
    printf 'Error: Database is uninitialized and superuser password is not specified.\n' >&2
    exit 1
  fi
  local arguments=()
  read -r -a arguments <<<"${POSTGRES_INITDB_ARGS:-}"
  initdb --username="${POSTGRES_USER}" --pwfile=<(printf '%s\n' "${POSTGRES_PASSWORD}") "${arguments[@]}"
  local method="${POSTGRES_HOST_AUTH_METHOD:-}"
  [ -n "${method}" ] || method="$(postgres -C password_encryption "$@")"
  printf '\nhost all all all %s\n' "${method}" >>"${PGDATA}/pg_hba.conf"
}

as_superuser() {
  PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --no-psqlrc --username "${POSTGRES_USER}" --no-password "$@"
}

run_initdb_scripts() {
  local script
  for script in /docker-entrypoint-initdb.d/*; do
    case "${script}" in
      *.sh)
        printf '%s: running %s\n' "$0" "${script}"
        # shellcheck source=/dev/null
        if [ -x "${script}" ]; then "${script}"; else . "${script}"; fi
        ;;
      *.sql) printf '%s: running %s\n' "$0" "${script}"; as_superuser --dbname "${POSTGRES_DB}" -f "${script}" ;;
      *.sql.gz) printf '%s: running %s\n' "$0" "${script}"; gunzip -c "${script}" | as_superuser --dbname "${POSTGRES_DB}" ;;
      *) [ ! -e "${script}" ] || printf '%s: ignoring %s\n' "$0" "${script}" ;;
    esac
  done
}

first_start() {
  file_env POSTGRES_PASSWORD
  file_env POSTGRES_USER postgres
  file_env POSTGRES_DB "${POSTGRES_USER}"
  file_env POSTGRES_INITDB_ARGS
  [ "$1" != postgres ] || shift
  initialise "$@"
  export PGPASSWORD="${PGPASSWORD:-${POSTGRES_PASSWORD}}"
  NOTIFY_SOCKET='' pg_ctl -D "${PGDATA}" -o "$(printf '%q ' "$@" -c listen_addresses= -p "${PGPORT:-5432}")" -w start
  if [ "$(as_superuser --dbname postgres -tAc "SELECT count(*) FROM pg_database WHERE datname = '${POSTGRES_DB}'")" = 0 ]; then
    as_superuser --dbname postgres -c "CREATE DATABASE \"${POSTGRES_DB}\""
  fi
  run_initdb_scripts
  pg_ctl -D "${PGDATA}" -m fast -w stop
  unset PGPASSWORD
  printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

[ "${1:0:1}" != '-' ] || set -- postgres "$@"
if [ "$1" = postgres ]; then
  prepare_directories
  if [ "$(id -u)" -eq 0 ]; then
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
  fi
  [ -s "${PGDATA}/PG_VERSION" ] || first_start "$@"
fi
exec "$@"
