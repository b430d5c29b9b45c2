# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tools/vps up | on | cut | down | status | ssh: the commands."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from labkit.progress import Step
from labkit.shell import LabError

from vpskit import disk, power, qemu
from vpskit.names import RUN

# Whose end ends the virtual machine; without one it runs until `tools/vps down`.
OWNER = int(os.environ.get("VPS_OWNER", "0"))
_MADE = RUN / "made"


def up(_arguments: list[str]) -> None:
    """Make the disks if need be, and start the machine from clean ones, unless it runs."""
    if power.running() is not None:
        power.wait()
        return
    if platform.machine() != "x86_64":
        raise LabError(f"the virtual machine is one of x86_64, and this machine is {platform.machine()}: run it on an x86_64")
    with Step(1, 3, "the lab's images") as step:
        held = disk.images(step)
    with Step(2, 3, "the virtual machine's disk and QEMU") as step:
        tools, place = qemu.programs(), disk.base(held)
        accelerator = qemu.accelerator(tools)
        step.note("KVM works here" if accelerator == "kvm" else "KVM does not work here: the machine is emulated")
    with Step(3, 3, "starting the virtual machine"):
        disk.fresh(place, tools)
        _MADE.write_text(f"{place}\n{tools}\n{accelerator}\n", encoding="utf-8")
        on([])


def on(_arguments: list[str]) -> None:
    """Give power to the machine as it is, and wait for it."""
    try:
        made = _MADE.read_text(encoding="utf-8").splitlines()
    except OSError:
        raise LabError("there is no virtual machine; 'tools/vps up' makes one") from None
    if power.running() is None:
        power.on(made, OWNER)
    power.wait()


def cut(_arguments: list[str]) -> None:
    power.cut()


def down(_arguments: list[str]) -> None:
    """Take the machine away; what it is made of stays."""
    power.cut()
    shutil.rmtree(RUN, ignore_errors=True)


def status(_arguments: list[str]) -> None:
    pid = power.running()
    print(f"      ziggie-vps: {f'runs (process {pid})' if pid else 'has no power' if RUN.exists() else 'is not there'}")


def ssh(arguments: list[str]) -> None:
    os.execvp("ssh", [*power.SSH, *arguments])


def hold(arguments: list[str]) -> None:
    place, tools, accelerator, owner = arguments
    power.hold(Path(place), Path(tools), accelerator, int(owner))


COMMANDS = {"up": up, "on": on, "cut": cut, "down": down, "status": status, "ssh": ssh, "hold": hold}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tools/vps", description="A virtual machine like the report's VPS.")
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    asked = parser.parse_args(arguments)
    try:
        COMMANDS[asked.command](asked.arguments)
    except LabError as error:
        print(f"make: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("make: stopped; run it again and it goes on from here", file=sys.stderr)
        return 130
    return 0
