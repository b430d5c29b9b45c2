# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tools/lab up | down | status: the commands."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from labkit import bases, docker, host, registry, services, status, upstream
from labkit.names import (
    BASE_IMAGE,
    HOST,
    HOST_IMAGE,
    HOST_VOLUME,
    NETWORK,
    REGISTRY,
    REGISTRY_VOLUME,
    SERVICE_IMAGES,
    STATE,
)
from labkit.progress import Step
from labkit.shell import LabError, answer

STEPS = int(os.environ.get("ZIGGIE_STEPS", "3"))


def up() -> None:
    with Step(1, STEPS, "the root filesystems of the host and of the service images") as step:
        base_spec, host_spec = bases.make()
    with Step(2, STEPS, "building service images") as step:
        mode = upstream.mode()
        step.note(
            "a registry answers: the upstream images are used, only the reference apps are built"
            if mode == "upstream"
            else "built here from Debian's packages and stand-ins (LAB_IMAGES=upstream would use the real ones)"
        )
        registry.start(base_spec)
        changed = services.make(step, mode, base_spec)
    with Step(3, STEPS, "starting the lab host") as step:
        host.start(host_spec)
        services.copy_record()
        for reference in changed:
            host.forget(reference)
    (STATE / "host.ready").touch()
    status.addresses()


def down() -> None:
    """Remove the host, the registry and their volumes; the images stay, so that the next time is quick."""
    for name in (HOST, REGISTRY):
        if docker.remove_container(name):
            print(f"      removed {name}")
    for volume in (HOST_VOLUME, REGISTRY_VOLUME):
        answer(["docker", "volume", "rm", volume])
    answer(["docker", "network", "rm", NETWORK])
    for name in ("host.ready", "pushed.json", "images.json", "lab.json"):
        (STATE / name).unlink(missing_ok=True)


def clean() -> None:
    """Remove the lab's images too."""
    down()
    found = answer(["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]) or ""
    repositories = (BASE_IMAGE, HOST_IMAGE, SERVICE_IMAGES, f"{BASE_IMAGE}-rootfs", f"{HOST_IMAGE}-rootfs")
    ours = [line for line in found.splitlines() if line.rpartition(":")[0] in repositories]
    if ours:
        answer(["docker", "rmi", "-f", *ours], seconds=300)
        print(f"      removed {len(ours)} images")
    answer(["docker", "image", "prune", "-f", "--filter", "label=org.ziggie.lab.spec"], seconds=300)


COMMANDS = {"up": up, "down": down, "clean": clean, "status": status.show}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tools/lab", description="The lab host, its registry and its images.")
    parser.add_argument("command", choices=COMMANDS)
    try:
        COMMANDS[parser.parse_args(arguments).command]()
    except LabError as error:
        print(f"make: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("make: stopped; run it again and it goes on from here", file=sys.stderr)
        return 130
    return 0
