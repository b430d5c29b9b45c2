# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report page as a file on the controller."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..module_utils.render.page.document import page
from .plain import plain


def write(
    directory: str,
    host: str,
    prepared: Mapping[str, Any],
    containers: Iterable[Mapping[str, Any]],
    changes: Mapping[str, Any] | None,
) -> Path:
    """Write `ziggie-<host>.html` and return where it is; a reader sees the old page or the new, never half.

    `prepared` is what `deploy.prepare` returned.
    """
    path = Path(directory) / f"ziggie-{re.sub(r'[^A-Za-z0-9._-]', '_', host)}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = page(
        plain(prepared["budget"]),
        containers=plain(containers),
        findings=plain(prepared["findings"]),
        changes=plain(changes),
        title=f"Budget of {host}",
        when=time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
    )
    half = path.with_suffix(".html.new")
    half.write_text(content, encoding="utf-8")
    half.replace(path)
    return path.resolve()
