# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the lab lies and what its parts are called."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".lab"
CACHE = STATE / "cache"
LAB = ROOT / "molecule" / "lab"
IMAGES = LAB / "images"
FRAGMENTS = ROOT / "roles" / "catalog" / "files" / "services"

HOST = "ziggie-lab"
REGISTRY = "ziggie-lab-registry"
NETWORK = "ziggie-lab"
HOST_VOLUME = "ziggie-lab-docker"
REGISTRY_VOLUME = "ziggie-lab-registry"

BASE_IMAGE = "ziggie-lab/base"
HOST_IMAGE = "ziggie-lab/host"
SERVICE_IMAGES = "ziggie-lab/service"

REGISTRY_PORT = os.environ.get("LAB_REGISTRY_PORT", "5050")
HTTP_PORT = os.environ.get("LAB_HTTP_PORT", "8080")
HTTPS_PORT = os.environ.get("LAB_HTTPS_PORT", "8443")

PUSH_TO = f"127.0.0.1:{REGISTRY_PORT}"
PULL_FROM = f"{REGISTRY}:5000"

SPEC_LABEL = "org.ziggie.lab.spec"
STAND_IN_LABEL = "org.ziggie.lab.stand-in"
NOTE_LABEL = "org.ziggie.lab.note"
