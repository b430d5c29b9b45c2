# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that `host_info` returns, gathered in one pass."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from typing import Any

from ..host_prep import settings as preparation
from ..storage.classes import directories, parse
from ..storage.device import look
from . import before, block_io, blocks, capabilities, cgroups, clock, disks, docker, firewall, huge_pages, machine, network, swap, units
from .places import places
from .run import Run
from .tree import Tree
from .weights import choose


def gather(
    *,
    socket: str,
    project: str,
    project_src: str,
    paths: list[str],
    sysctl: list[str],
    files: list[str],
    run: Run,
    classes: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    root: str = "/",
) -> dict[str, Any]:
    """Read everything; what a host lacks is empty, zero or false, never an error."""
    tree = Tree(root)
    engine = docker.describe(tree, socket, project, run)
    cores = machine.cores()
    devices = blocks.describe(tree, run)
    storage, _wrong = parse(classes or {})
    facts: dict[str, Any] = {
        "root": os.geteuid() == 0,
        "hostname": platform.node(),
        "kernel": platform.release(),
        "distribution": _distribution(tree),
        "systemd": tree.exists("/run/systemd/system"),
        "virtualization": machine.virtualization(tree),
        "memory": machine.memory(tree),
        "cores": len(cores),
        "core_ids": cores,
        "ceilings": machine.ceilings(tree),
        "pressure": machine.pressure(tree),
        "cgroup": cgroups.describe(tree),
        "engine": engine,
        "disks": disks.describe(tree, sorted({*paths, *directories(classes or {}).values(), str(engine["root"]), "/"}), devices),
        "block_devices": devices,
        "io": block_io.describe(tree),
        "swap": swap.describe(tree),
        "slices": units.describe(tree, project),
        "firewall": firewall.describe(tree, run),
        "clock": clock.describe(tree),
        "storage": {entry.name: look(tree, entry, devices, run) for entry in storage},
        "huge_pages": huge_pages.describe(tree),
        "before": before.read(tree),
        "routes": network.routes(tree),
        "uplinks": network.uplinks(tree),
        "listening": network.listening(tree),
        "volumes": _volumes(tree, project_src) | engine["volumes"],
        "files": {path: tree.exists(path) for path in files},
        "sysctl": {name: tree.text("/proc/sys/" + name.replace(".", "/")) for name in sysctl},
        "sysctl_fixed": [name for name in sysctl if not os.access(tree.path("/proc/sys/" + name.replace(".", "/")), os.W_OK)],
    }
    wanted, _unread = preparation.parse(settings or {})
    held = places(facts["disks"], devices, str(engine["root"]), storage)
    choice = choose(facts, wanted.io, held.values())
    facts["io"]["choice"] = choice.to_dict()
    return facts | {"capabilities": capabilities.derive(facts, choice, wanted, held)}


def _volumes(tree: Tree, project_src: str) -> dict[str, str]:
    try:
        found = json.loads(tree.text(f"{project_src}/release.json"))["volumes"]
    except (ValueError, KeyError, TypeError):
        return {}
    return dict(found)


def _distribution(tree: Tree) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in tree.text("/etc/os-release").splitlines() if "=" in line)
    fields = {key: value.strip('"') for key, value in pairs}
    return {"id": fields.get("ID", ""), "version": fields.get("VERSION_ID", ""), "codename": fields.get("VERSION_CODENAME", "")}
