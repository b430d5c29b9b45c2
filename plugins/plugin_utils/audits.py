# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Audits that were kept as files."""

from __future__ import annotations

import json
from pathlib import Path

from ..module_utils.observe.model import Audit
from .files import text_of

LARGEST = 64 * 1024 * 1024


def read_audit(path: Path) -> Audit:
    """Return the audit of a file that M(ziggie.stack.audit_report) wrote. Raises `ValueError`, which says why it cannot be read."""
    try:
        written = json.loads(text_of(path, LARGEST))
    except OSError as error:
        raise ValueError(str(error)) from error
    seen = written.get("audit") if isinstance(written, dict) else None
    if not isinstance(seen, dict) or not seen:
        raise ValueError("it has no audit")
    return Audit.from_dict(seen)
