# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that is read of a host."""

from __future__ import annotations

import os
import platform
import stat
from collections.abc import Iterable, Mapping
from typing import Any

from ..settings.storage import directories, parse
from . import block_devices, cgroups, disks, docker, kernel, machine, network, slices, storage, stored
from .facts import Facts, PathState
from .root import Root, Run

# We write no file that is longer than this.
_MOST_TEXT = 64 << 10


def gather(
    *,
    socket: str,
    project: str,
    project_src: str,
    run: Run,
    paths: Iterable[str] = (),
    sysctl: Iterable[str] = (),
    files: Iterable[str] = (),
    classes: Mapping[str, Any] | None = None,
    credentials: Mapping[str, str] | None = None,
    root: str = "/",
) -> Facts:
    """Read everything; what a host lacks is empty, zero or false, never an error."""
    below = Root(root)
    pins = stored.pins(below, project_src)
    engine = docker.describe(below, socket, project, project_src, run, pins.values())
    devices = block_devices.describe(below, run)
    written, parameters = classes or {}, list(sysctl)
    noted = stored.backup_status(below)
    volumes = {**stored.released_volumes(below, project_src), **engine.volumes}
    states = {path: path_state(below, path) for path in files}
    bound = {path: path for path, state in states.items() if state.kind == "directory"}
    return Facts(
        root=os.geteuid() == 0,
        project=project,
        hostname=platform.node(),
        machine=machine.identity(below),
        kernel=platform.release(),
        distribution=machine.distribution(below),
        systemd=below.exists("/run/systemd/system"),
        virtualization=machine.virtualization(below),
        memory=machine.memory(below),
        core_ids=machine.core_ids(),
        ceilings=machine.ceilings(below),
        pressure=machine.pressure(below),
        cgroup=cgroups.cgroup(below),
        engine=engine,
        disks=disks.describe(below, sorted({*paths, *directories(written).values(), engine.root, "/"}), devices),
        block_devices=devices,
        io=cgroups.io(below),
        swap=kernel.swap(below),
        slices=slices.describe(below, project),
        firewall=network.firewall(below, run),
        clock=machine.clock(below),
        storage={entry.name: storage.describe(below, entry, devices, run) for entry in parse(written)[0]},
        huge_pages=kernel.huge_pages(below),
        former=kernel.former(below),
        routes=network.routes(below),
        uplinks=network.uplinks(below),
        listening=network.listening(below),
        volumes=volumes,
        contents={name: stored.content(below, directory) for name, directory in {**bound, **volumes}.items()},
        secrets=stored.secrets(below, project_src, credentials or {}),
        files=states,
        backups=stored.backups(noted),
        drills=stored.drills(noted),
        pins=pins,
        ran=stored.ran(below, project_src),
        failed_backups=stored.failed_backups(noted),
        sysctl=kernel.sysctl(below, parameters),
        sysctl_fixed=kernel.fixed(below, parameters),
    )


def path_state(root: Root, path: str) -> PathState:
    """Return what lies at a path; nothing where it cannot be seen."""
    try:
        status = root.path(path).lstat()
    except OSError:
        return PathState()
    owned: dict[str, Any] = {"owner": status.st_uid, "group": status.st_gid, "mode": f"{stat.S_IMODE(status.st_mode):04o}"}
    if stat.S_ISREG(status.st_mode):
        return PathState(kind="file", text=_text(root, path) if status.st_size <= _MOST_TEXT else None, **owned)
    if stat.S_ISDIR(status.st_mode):
        return PathState(kind="directory", **owned)
    return PathState(kind="link" if stat.S_ISLNK(status.st_mode) else "other", **owned)


def _text(root: Root, path: str) -> str | None:
    try:
        return root.path(path).read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None
