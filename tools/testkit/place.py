# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the checks find the project and leave their output."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
OUTPUT = ROOT / ".cache" / "test"
SITE_PACKAGES = VENV / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"

ENVIRONMENT = {
    **os.environ,
    "PATH": f"{VENV / 'bin'}:{os.environ['PATH']}",
    "ANSIBLE_NOCOLOR": "1",
    "LC_ALL": "C.UTF-8",
    "NO_COLOR": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}
# What the caller's shell set for its own Ansible is not for ours.
for _name in ("ANSIBLE_CONFIG", "ANSIBLE_INVENTORY", "PYTHONPATH"):
    ENVIRONMENT.pop(_name, None)
