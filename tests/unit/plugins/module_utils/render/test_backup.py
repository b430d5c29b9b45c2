# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a backup may use of its host."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.render.backup import DRILL, NAME, UNITS, units
from ansible_collections.ziggie.stack.plugins.module_utils.settings.backup import Drill, Settings


@pytest.mark.parametrize("slices", [True, False])
def test_a_backup_and_a_drill_have_weights_where_they_move_nothing_out_of_its_group(slices: bool) -> None:
    for name in (NAME, DRILL):
        lines = units("shop", "/srv/shop/stack", Settings(), slices=slices)[f"{UNITS}/{name}.service"].splitlines()
        assert {"MemoryMax=256M", "TasksMax=64", "Nice=19", "IOSchedulingClass=idle"} <= set(lines)
        assert [line for line in lines if "Weight" in line] == (["CPUWeight=1", "IOWeight=1"] if slices else [])


def test_backups_are_made_every_day_and_drilled_every_week() -> None:
    made = units("shop", "/srv/shop/stack", Settings(at="03:00", drill=Drill(day="Sat", at="05:15")), slices=True)
    assert "OnCalendar=*-*-* 03:00:00" in made[f"{UNITS}/{NAME}.timer"].splitlines()
    assert "OnCalendar=Sat *-*-* 05:15:00" in made[f"{UNITS}/{DRILL}.timer"].splitlines()
    assert "/srv/shop/stack/bin/backup drill --wait" in made[f"{UNITS}/{DRILL}.service"]
    assert "ExecStopPost=/usr/bin/python3 -I -S /srv/shop/stack/bin/backup resume" in made[f"{UNITS}/{DRILL}.service"].splitlines()
