#!/bin/sh
# The contract of the official image's entrypoint: root repairs /data and drops to redis, if it may; others just run.
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
set -e

if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
  set -- redis-server "$@"
fi
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ] && [ -z "${SKIP_DROP_PRIVS:-}" ] &&
  setpriv --dump | grep -q 'Capability bounding set:.*setuid'; then
  [ -n "${SKIP_FIX_PERMS:-}" ] || find /data \! -user redis -exec chown redis '{}' +
  exec setpriv --reuid=redis --regid=redis --clear-groups --nnp --inh-caps=-all --bounding-set=-all "$0" "$@"
fi
um="$(umask)"
[ "$um" != 0022 ] || umask 0077
# The official build is compiled with protected mode off; a configuration file says for itself.
case "$*" in
  *.conf*) ;;
  redis-server*) set -- "$@" --protected-mode no ;;
esac
exec "$@"
