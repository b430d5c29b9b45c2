# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's promtool; what it checks as a configuration is translated first."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

BINARY = "/usr/libexec/real/promtool"

arguments = sys.argv[1:]
if arguments[:2] == ["check", "config"] and len(arguments) > 2 and Path(arguments[-1]).is_file():
    from prometheus3 import translate

    with tempfile.NamedTemporaryFile("w", suffix=".yml", dir="/dev/shm", delete=False) as copy:
        copy.write(translate(Path(arguments[-1]))[0])
    arguments[-1] = copy.name
os.execv(BINARY, [BINARY, *arguments])
