# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which scheduler makes I/O weights work on the disks that carry a stack.

Only two do: BFQ, where it is chosen for the disk, and io.cost, where it is on (systemd pull request 13335; bfq-iosched.rst and
cgroup-v2.rst of the kernel). With BFQ loaded the runtime writes weights for BFQ alone (opencontainers/cgroups, fs2/io.go), so io.cost
is chosen only where there is no BFQ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from . import modules
from .blocks import disks_below

BFQ, COST = "bfq", "cost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The scheduler that weights act by, on which `disks`, and whether that is so already; without one, the `reason`."""

    scheduler: str = ""
    disks: tuple[Mapping[str, Any], ...] = ()
    active: bool = False
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, the disks by name."""
        return {
            "scheduler": self.scheduler,
            "disks": [disk["name"] for disk in self.disks],
            "active": self.active,
            "reason": self.reason,
        }

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Choice:
        """Return the choice that the facts of a host hold."""
        told = facts["io"]["choice"]
        return cls(**{**told, "disks": tuple(block for block in facts["block_devices"] if block["name"] in told["disks"])})


def choose(facts: Mapping[str, Any], wanted: str, held: Iterable[str]) -> Choice:
    """Choose for the disks that carry the block devices `held`: those of the engine's root and the storage classes.

    `wanted` is `auto`, `bfq`, `cost`, or `keep`, which takes what is in force.
    """
    if facts["cgroup"]["version"] != 2:
        return Choice(reason="its kernel runs cgroup v1, which has had no weights since Linux 5.0")
    if "io" not in facts["cgroup"]["controllers"]:
        return Choice(reason="its kernel has no io controller")
    names = {name for device in held for name in disks_below(facts["block_devices"], device)}
    disks = tuple(device for device in facts["block_devices"] if device["name"] in names)
    if not disks:
        return Choice(reason="the disk below its data is not to be seen")
    if all(disk["scheduler"] == BFQ for disk in disks):
        return Choice(scheduler=BFQ, disks=disks, active=True)
    costed = facts["io"]["bfq"] != modules.LOADED and all(disk["number"] in facts["io"]["cost_devices"] for disk in disks)
    if costed:
        return Choice(scheduler=COST, disks=disks, active=True)
    return _changed(facts, wanted, disks)


def _changed(facts: Mapping[str, Any], wanted: str, disks: tuple[Mapping[str, Any], ...]) -> Choice:
    names = ", ".join(disk["name"] for disk in disks)
    for unable, reason in (
        (wanted == "keep", f"no scheduler with weights is in force on {names}, and stack_host.io keeps what is"),
        (facts["virtualization"] == "container", f"it is a container, and {names} belongs to the machine around it"),
        (not facts["io"]["udev"], "it has no udev, which chooses the scheduler at every boot"),
        (not facts["io"]["sysfs_writable"], "its /sys is read-only, so no scheduler can be chosen"),
    ):
        if unable:
            return Choice(reason=reason)
    if wanted in ("auto", BFQ) and facts["io"]["bfq"] != modules.ABSENT and all(_takes_one(disk) for disk in disks):
        return Choice(scheduler=BFQ, disks=disks)
    if wanted in ("auto", COST) and facts["io"]["cost"] and facts["io"]["bfq"] != modules.LOADED:
        return Choice(scheduler=COST, disks=disks)
    missing = {"auto": "BFQ for {names} nor io.cost", BFQ: "BFQ for {names}", COST: "io.cost, or has BFQ loaded beside it"}[wanted]
    return Choice(reason=f"its kernel has {'neither' if wanted == 'auto' else 'no'} {missing.format(names=names)}")


def _takes_one(disk: Mapping[str, Any]) -> bool:
    # A device that hands its requests on as they come knows `none` alone.
    return any(name != "none" for name in disk["schedulers"])
