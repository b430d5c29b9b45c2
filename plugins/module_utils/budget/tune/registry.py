# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tuning engines by name."""

from __future__ import annotations

from collections.abc import Mapping

from . import golang, loki, mongodb, nginx, node, ollama, pgbouncer, postgres, prometheus, python, redis
from .engine import Engine

ENGINES: Mapping[str, Engine] = {
    module.ENGINE.name: module.ENGINE
    for module in (golang, loki, mongodb, nginx, node, ollama, pgbouncer, postgres, prometheus, python, redis)
}
