#!/bin/sh
# The contract of the image's entrypoint, as far as a mounted pgbouncer.ini goes: it is left as it is.
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
set -e

if [ ! -f /etc/pgbouncer/pgbouncer.ini ]; then
  echo "/etc/pgbouncer/pgbouncer.ini is not there: in the lab it must be mounted" >&2
  exit 1
fi
exec "$@"
