#!/usr/bin/env bash
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail

if [ -z "${WEBUI_SECRET_KEY:-}" ]; then
  key_file="${WEBUI_SECRET_KEY_FILE:-.webui_secret_key}"
  [ -e "${key_file}" ] || head -c 12 /dev/random | base64 >"${key_file}"
  WEBUI_SECRET_KEY="$(<"${key_file}")"
  export WEBUI_SECRET_KEY
fi
exec open-webui
