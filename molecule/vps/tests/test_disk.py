# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The second disk: formatted once, mounted by its UUID, with the data on it; the checks of the second run and of the power cut look again."""

from __future__ import annotations

from machine import ask, disk, inspect


def test_it_is_mounted_by_its_uuid_without_times_of_access() -> None:
    found = disk()
    assert found["source"] == "/dev/nvme0n1"
    assert "noatime" in found["options"].split(",")
    unit = ask("systemctl show --property=FragmentPath --value $(systemd-escape --path --suffix=mount /mnt/nvme/ziggie)")
    text = ask(f"cat {unit}").lower()
    assert f"by-uuid/{found['uuid']}" in text or f"uuid={found['uuid']}" in text
    assert "nofail" in text


def test_nothing_else_is_on_the_disk() -> None:
    assert ask("lsblk --noheadings --list --output NAME /dev/nvme0n1").split() == ["nvme0n1"]


def test_what_the_databases_write_lies_on_it() -> None:
    containers = inspect()
    for service, path in (("postgres", "/var/lib/postgresql/data"), ("redis", "/data")):
        # As the container itself sees it.
        assert ask(f"awk '$2 == \"{path}\" {{print $1}}' /proc/{containers[service]['State']['Pid']}/mounts") == "/dev/nvme0n1"
