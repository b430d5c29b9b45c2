# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a backup may use of its host."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.render.backup import units
from ansible_collections.ziggie.stack.plugins.module_utils.units import MIB


@pytest.mark.parametrize("slices", [True, False])
def test_a_backup_has_weights_where_they_move_nothing_out_of_its_group(slices: bool) -> None:
    service = next(
        text for path, text in units("shop", "/srv/shop/stack", "03:00", 256 * MIB, slices=slices).items() if path.endswith(".service")
    )
    lines = service.splitlines()
    assert {"MemoryMax=256M", "Nice=19", "IOSchedulingClass=idle"} <= set(lines)
    assert [line for line in lines if "Weight" in line] == (["CPUWeight=1", "IOWeight=1"] if slices else [])
