# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scheduler by which I/O weights act: chosen now, and at every boot.

Sources: udev(7), modules-load.d(5), bfq-iosched.rst and cgroup-v2.rst (io.cost.qos) of the kernel.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from ..host.units import MARK
from ..host.weights import BFQ, Choice
from .document import Command, Document

RULES = "/etc/udev/rules.d/90-ziggie-io.rules"
MODULES = "/etc/modules-load.d/60-ziggie-io.conf"

_COST = "/sys/fs/cgroup/io.cost.qos"
# What a pattern of udev takes for something else than itself.
_PATTERN = frozenset('*?[]|"\\')


def documents(choice: Choice, facts: Mapping[str, Any]) -> list[Document]:
    """Return the rule that chooses the scheduler for the disks, and for BFQ its module; nothing where there is no scheduler to choose.

    Where another scheduler is in force the rule is applied anew, though it lies there already.
    """
    ours = bool(choice.scheduler)
    bfq = choice.scheduler == BFQ
    udev = bool(facts["io"]["udev"])
    return [
        Document(
            path=MODULES,
            content=f"{MARK}\n{BFQ}\n" if ours and bfq else None,
            apply=(("modprobe", BFQ),) if ours and bfq and not choice.active else (),
            due=ours and not choice.active,
        ),
        Document(
            path=RULES,
            content="\n".join([MARK, *(_rule(disk, choice.scheduler) for disk in choice.disks), ""]) if ours else None,
            apply=tuple(_commands(choice)) if udev else (),
            due=ours and not choice.active,
        ),
    ]


def _commands(choice: Choice) -> list[Command]:
    reload: Command = ("udevadm", "control", "--reload")
    triggers: list[Command] = [
        ("udevadm", "trigger", "--action=change", "--settle", f"/sys/class/block/{disk['name']}") for disk in choice.disks
    ]
    return [reload, *triggers, *(_proof(disk, choice.scheduler) for disk in choice.disks)]


def _rule(disk: Mapping[str, Any], scheduler: str) -> str:
    action = 'ATTR{queue/scheduler}="bfq"' if scheduler == BFQ else f"RUN+=\"/bin/sh -c 'echo %M:%m enable=1 ctrl=auto > {_COST}'\""
    return f'ACTION!="remove", SUBSYSTEM=="block", ENV{{DEVTYPE}}=="disk", {_match(disk)}, {action}'


def _match(disk: Mapping[str, Any]) -> str:
    """Return how udev knows a disk again: by its serial, since its name may be another's at the next boot."""
    serial = str(disk["id_serial"])
    return f'ENV{{ID_SERIAL}}=="{serial}"' if serial and not _PATTERN & set(serial) else f'KERNEL=="{disk["name"]}"'


def _proof(disk: Mapping[str, Any], scheduler: str) -> Command:
    """Return the command that fails where the scheduler did not come into force: a weight would then stop a container from starting."""
    if scheduler == BFQ:
        queue = f"/sys/class/block/{disk['name']}/queue/scheduler"
        look = f"grep -qF '[bfq]' {shlex.quote(queue)}"
    else:
        look = f"grep -q '^{disk['number']} enable=1' {_COST}"
    sentence = f"{disk['path']} did not take the I/O scheduler {scheduler}; set stack_host.io to keep, and weights are left out"
    return ("sh", "-c", f"{look} || {{ echo {shlex.quote(sentence)} >&2; exit 1; }}")
