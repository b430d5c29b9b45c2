#!/bin/sh
# Starts the workers. gunicorn itself reads WEB_CONCURRENCY and GUNICORN_CMD_ARGS.
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
set -eu

# The workers share their metrics through files; those of a former start would be counted again.
export PROMETHEUS_MULTIPROC_DIR="${PROMETHEUS_MULTIPROC_DIR:-/tmp/metrics}"
rm -rf "${PROMETHEUS_MULTIPROC_DIR}"
mkdir -p "${PROMETHEUS_MULTIPROC_DIR}"
exec gunicorn --config /srv/ziggie-api/gunicorn.conf.py ziggie_api.main:app
