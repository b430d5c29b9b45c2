# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an action worked out, shown to a person or to a program."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.utils.display import Display

from ..module_utils.render.terminal import Terminal
from .terminal import terminal

# The argument that the doc fragment `report` describes.
FORMAT = {"type": "str", "choices": ["text", "json"], "default": "text"}


def show(display: Display, report: Mapping[str, Any], lines: Callable[[Terminal], Iterable[str]], *, as_json: bool) -> None:
    """Write a report to the screen: as JSON on one line, or as the lines that it has in a terminal."""
    display.display(json.dumps(report, sort_keys=True) if as_json else "\n".join(lines(terminal(display.columns))))
