# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second run finds everything as it should be."""

from __future__ import annotations

import re
from collections.abc import Callable

from machine import ask, disk, inspect, play

_HOST_PREP = re.compile(r"^ziggie\.stack\.host_prep : .* (\d+\.\d+)s$", re.MULTILINE)


def test_it_changes_nothing(figure: Callable[[str, object, object], None]) -> None:
    before = {name: container["Id"] for name, container in inspect().items()}
    uuid = disk()["uuid"]
    ask(f"echo {uuid} >/mnt/nvme/ziggie/marker")
    units = ask("systemctl list-unit-files --no-legend | sort")
    played = play()
    assert played.code == 0, played.text[-3000:]
    changed = re.search(r"^ziggie-vps .* changed=(\d+) ", played.text, re.MULTILINE)
    assert changed
    preparing = sum(float(seconds) for seconds in _HOST_PREP.findall(played.text))
    figure("a run with nothing to do", "", f"{played.seconds:.0f} s, of it host_prep {preparing:.0f} s")
    assert int(changed[1]) == 0, re.findall(r"^TASK \[(.*)\].*\n(?:.*\n)?changed:", played.text, re.MULTILINE)
    assert {name: container["Id"] for name, container in inspect().items()} == before
    assert disk()["uuid"] == uuid == ask("cat /mnt/nvme/ziggie/marker")
    assert ask("systemctl list-unit-files --no-legend | sort") == units
