# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The terminal is what Ansible found it to be."""

from __future__ import annotations

import pytest
from ansible import constants
from ansible.utils import color
from ansible_collections.ziggie.stack.plugins.module_utils.render.terminal import Terminal
from ansible_collections.ziggie.stack.plugins.plugin_utils.terminal import terminal


@pytest.mark.parametrize(
    ("coloured", "forced", "columns", "found"),
    [
        (True, False, 120, Terminal(colour=True, width=120)),
        (True, False, 79, Terminal(colour=True, width=79)),
        # No colours in a terminal.
        (False, False, 120, Terminal(colour=False, width=120)),
        # A file, and a file that is to have colours.
        (False, False, 79, Terminal(colour=False, width=None)),
        (True, True, 79, Terminal(colour=True, width=None)),
        (False, False, None, Terminal(colour=False, width=None)),
    ],
)
def test_colours_and_width(monkeypatch: pytest.MonkeyPatch, coloured: bool, forced: bool, columns: int | None, found: Terminal) -> None:
    monkeypatch.setattr(color, "ANSIBLE_COLOR", coloured)
    monkeypatch.setattr(constants, "ANSIBLE_FORCE_COLOR", forced)
    assert terminal(columns) == found
