# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The I/O scheduler that makes weights work on the disks that carry a stack: which one, chosen now and at every boot.

Only two act by weights: BFQ, where it is chosen for the disk, and io.cost, where it is on (systemd pull request 13335; bfq-iosched.rst and
cgroup-v2.rst of the kernel). With BFQ loaded the runtime writes weights for BFQ alone (opencontainers/cgroups, fs2/io.go), so io.cost
is chosen only where there is no BFQ. Sources of the files: udev(7), modules-load.d(5).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from ..host.block_devices import disks_below
from ..host.facts import BlockDevice, Facts
from ..render.slices import BFQ, COST
from ..systemd import MARK
from .document import Command, Document
from .paths import IO_MODULES, IO_RULES

_COST = "/sys/fs/cgroup/io.cost.qos"
# Characters that udev reads as a pattern.
_PATTERN = frozenset('*?[]|"\\')


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The scheduler that weights act by (empty: none), its disks, whether it is in force already, and without one the reason."""

    scheduler: str = ""
    disks: tuple[BlockDevice, ...] = ()
    active: bool = False
    reason: str = ""


def choose(facts: Facts, wanted: str, held: Iterable[str]) -> Choice:
    """Choose for the disks that carry the block devices `held`: those of the engine's root and the storage classes.

    `wanted` is `auto`, `bfq`, `cost`, or `keep`, which takes what is in force.
    """
    if facts.cgroup.version != 2:
        return Choice(reason="its kernel runs cgroup v1, which has had no weights since Linux 5.0")
    if "io" not in facts.cgroup.controllers:
        return Choice(reason="its kernel has no io controller")
    names = {name for device in held for name in disks_below(facts.block_devices, device)}
    disks = tuple(device for device in facts.block_devices if device.name in names)
    if not disks:
        return Choice(reason="the disk below its data cannot be seen")
    if all(disk.scheduler == BFQ for disk in disks):
        return Choice(scheduler=BFQ, disks=disks, active=True)
    if facts.io.bfq != "loaded" and all(disk.number in facts.io.cost_devices for disk in disks):
        return Choice(scheduler=COST, disks=disks, active=True)
    return _changed(facts, wanted, disks)


def _changed(facts: Facts, wanted: str, disks: tuple[BlockDevice, ...]) -> Choice:
    names = ", ".join(disk.name for disk in disks)
    for unable, reason in (
        (wanted == "keep", f"no scheduler with weights is in force on {names}, and stack_host.io keeps the one in force"),
        (facts.virtualization == "container", f"it is a container, and {names} belongs to the machine around it"),
        (not facts.io.udev, "it has no udev to choose the scheduler at every boot"),
        (not facts.io.sysfs_writable, "its /sys is read-only, so no scheduler can be chosen"),
    ):
        if unable:
            return Choice(reason=reason)
    if wanted in ("auto", BFQ) and facts.io.bfq != "absent" and all(_takes_one(disk) for disk in disks):
        return Choice(scheduler=BFQ, disks=disks)
    if wanted in ("auto", COST) and facts.io.cost and facts.io.bfq != "loaded":
        return Choice(scheduler=COST, disks=disks)
    missing = {"auto": f"BFQ for {names} nor io.cost", BFQ: f"BFQ for {names}", COST: "io.cost, or has BFQ loaded beside it"}[wanted]
    return Choice(reason=f"its kernel has {'neither' if wanted == 'auto' else 'no'} {missing}")


def _takes_one(disk: BlockDevice) -> bool:
    # A device that passes its requests on as they come knows `none` alone.
    return any(name != "none" for name in disk.schedulers)


def documents(choice: Choice, facts: Facts) -> list[Document]:
    """Return the rule that chooses the scheduler for the disks, and for BFQ its module; nothing where no scheduler is chosen.

    Where another scheduler is in force the rule is applied again, though its file is right.
    """
    ours, bfq = bool(choice.scheduler), choice.scheduler == BFQ
    due = ours and not choice.active
    names = ", ".join(disk.name for disk in choice.disks)
    effect = f"the I/O scheduler of {names} becomes {choice.scheduler}; nothing restarts" if due else "nothing restarts"
    return [
        Document(
            path=IO_MODULES,
            content=f"{MARK}\n{BFQ}\n" if bfq else None,
            apply=(("modprobe", BFQ),) if bfq and due else (),
            due=due,
            effect="the kernel loads bfq; nothing restarts" if bfq and due else "nothing restarts",
        ),
        Document(
            path=IO_RULES,
            content="\n".join([MARK, *(_rule(disk, choice.scheduler) for disk in choice.disks), ""]) if ours else None,
            apply=tuple(_commands(choice)) if facts.io.udev else (),
            due=due,
            effect=effect,
        ),
    ]


def _commands(choice: Choice) -> list[Command]:
    reload: Command = ("udevadm", "control", "--reload")
    triggers: list[Command] = [
        ("udevadm", "trigger", "--action=change", "--settle", f"/sys/class/block/{disk.name}") for disk in choice.disks
    ]
    return [reload, *triggers, *(_proof(disk, choice.scheduler) for disk in choice.disks)]


def _rule(disk: BlockDevice, scheduler: str) -> str:
    action = 'ATTR{queue/scheduler}="bfq"' if scheduler == BFQ else f"RUN+=\"/bin/sh -c 'echo %M:%m enable=1 ctrl=auto > {_COST}'\""
    return f'ACTION!="remove", SUBSYSTEM=="block", ENV{{DEVTYPE}}=="disk", {_match(disk)}, {action}'


def _match(disk: BlockDevice) -> str:
    """Return how udev recognizes a disk: by its serial, since its name may be another disk's at the next boot."""
    serial = disk.id_serial
    return f'ENV{{ID_SERIAL}}=="{serial}"' if serial and not _PATTERN & set(serial) else f'KERNEL=="{disk.name}"'


def _proof(disk: BlockDevice, scheduler: str) -> Command:
    """Return the command that fails where the scheduler is not in force: a weight would then stop a container from starting."""
    if scheduler == BFQ:
        look = f"grep -qF '[bfq]' {shlex.quote(f'/sys/class/block/{disk.name}/queue/scheduler')}"
    else:
        look = f"grep -q '^{disk.number} enable=1' {_COST}"
    sentence = f"{disk.path} did not take the I/O scheduler {scheduler}; set stack_host.io to keep, and weights are left out"
    return ("sh", "-c", f"{look} || {{ echo {shlex.quote(sentence)} >&2; exit 1; }}")
