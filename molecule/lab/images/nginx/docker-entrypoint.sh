#!/bin/sh
# The contract of the official image's entrypoint: templates are filled from the environment, scripts of docker-entrypoint.d run.
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
set -e

if [ "$1" = nginx ] || [ "$1" = nginx-debug ]; then
  defined="$(awk 'BEGIN {for (name in ENVIRON) printf "${%s} ", name}')"
  for template in /etc/nginx/templates/*.template; do
    [ -f "$template" ] || continue
    name="$(basename "$template" .template)"
    [ -w /etc/nginx/conf.d ] || { echo "$0: /etc/nginx/conf.d is not writable" >&2; continue; }
    envsubst "$defined" <"$template" >"/etc/nginx/conf.d/$name"
  done
  for script in /docker-entrypoint.d/*.sh; do
    [ ! -x "$script" ] || "$script"
  done
fi
exec "$@"
