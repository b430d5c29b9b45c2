# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host can enforce of a budget once it is prepared, decided from its facts and the settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..host.facts import Engine, Facts
from ..render.host import Capabilities
from ..settings.host import Settings
from ..settings.storage import directories, parse
from .scheduler import Choice, choose

# The key of the device that holds the engine's root, beside those of the storage classes.
ENGINE = ""
# healthcheck.start_interval came with Engine 25 (API 1.44).
_START_INTERVAL_ENGINE = 25


def decide(facts: Facts, settings: Settings, classes: Mapping[str, Any]) -> tuple[Capabilities, Choice]:
    """Return what the host can enforce, and the I/O scheduler that weights act by; `classes` is `stack_storage_classes`."""
    held = devices(facts, classes)
    choice = choose(facts, settings.io, held.values())
    no_slices = slices_absent(facts) or ("" if settings.slices else settings.why_not("slices"))
    no_cores = _engine_cores_absent(facts) or ("" if settings.services else settings.why_not("services"))
    reasons = {"slices": no_slices, "engine_cores": no_cores, "io_weight": choice.reason}
    return (
        Capabilities(
            io_weight=bool(choice.scheduler),
            slices=not no_slices,
            oom_score_adj=not facts.engine.rootless,
            memory_reservation="memory" in facts.cgroup.controllers,
            swap_limit=facts.cgroup.swap_limit,
            memlock_unlimited=facts.ceilings.memlock == -1,
            start_interval=major(facts.engine.version) >= _START_INTERVAL_ENGINE,
            live_state=facts.systemd and not facts.engine.rootless,
            nofile_max=None if facts.ceilings.nofile == -1 else facts.ceilings.nofile,
            core_ids=facts.core_ids,
            engine_cores=not no_cores,
            devices=_throttled(facts, held),
            reasons={name: reason for name, reason in reasons.items() if reason},
        ),
        choice,
    )


def devices(facts: Facts, classes: Mapping[str, Any]) -> dict[str, str]:
    """Return the kernel's name of the device below each storage class and, by `""`, below the engine's root; what cannot be seen is left out.

    A class with a device counts as lying there even before it is mounted.
    """
    named = {name: block.name for block in facts.block_devices for name in block.names}
    found = {ENGINE: facts.disks[facts.engine.root].block if facts.engine.root in facts.disks else ""}
    with_device = {entry.name: entry.device for entry in parse(classes)[0]}
    for name, path in directories(classes).items():
        device = with_device.get(name)
        found[name] = named.get(device, "") if device else facts.disks[path].block if path in facts.disks else ""
    return {name: device for name, device in found.items() if device}


def _throttled(facts: Facts, held: Mapping[str, str]) -> dict[str, str]:
    """Return the disk to throttle for each name of a device and each class: the kernel throttles no partition."""
    paths = {block.name: block.path for block in facts.block_devices}
    wholes = {block.name: paths.get(block.parent, block.path) for block in facts.block_devices}
    named = {name: wholes[block.name] for block in facts.block_devices for name in block.names}
    return named | {name: wholes[device] for name, device in held.items() if name != ENGINE and device in wholes}


def slices_absent(facts: Facts) -> str:
    """Return why a host cannot put containers into slices of systemd, empty where it can."""
    if facts.cgroup.version != 2:
        return "its kernel runs cgroup v1, which cannot protect memory"
    if not facts.systemd:
        return "systemd is not its init"
    if facts.engine.rootless:
        return "its engine runs without root"
    if driver(facts.engine) != "systemd":
        return f"its engine makes control groups with the driver {driver(facts.engine)}, not with systemd"
    return ""


def _engine_cores_absent(facts: Facts) -> str:
    """Return why the engine cannot be kept off some cores, empty where it can."""
    if facts.cgroup.version != 2:
        return "its kernel runs cgroup v1, where a unit of systemd cannot be given cores"
    return "" if facts.systemd else "systemd is not its init"


def driver(engine: Engine) -> str:
    """Return the engine's cgroup driver; of one that does not run yet, the one that it will have."""
    options = [str(option) for option in engine.daemon_config.get("exec-opts") or ()]
    configured = [option.partition("=")[2] for option in options if "native.cgroupdriver=" in option]
    return engine.cgroup_driver or (configured or ["systemd"])[-1]


def major(version: str) -> int:
    """Return a version's first number, 0 where there is none."""
    head = version.split(".", 1)[0]
    return int(head) if head.isdigit() else 0
