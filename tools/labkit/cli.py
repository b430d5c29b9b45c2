# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tools/lab up | status | addresses: the commands."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from labkit import bases, host, registry, services, status, upstream
from labkit.names import STATE
from labkit.progress import Step
from labkit.shell import LabError

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
        registry.start(base_spec, mode)
        changed = services.make(step, mode, base_spec)
    with Step(3, STEPS, "starting the lab host") as step:
        host.start(f"{host_spec}-{mode}")
        services.copy_record()
        for reference in changed:
            host.forget(reference)
    (STATE / "host.ready").touch()


COMMANDS = {"up": up, "status": status.show, "addresses": status.addresses}


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
