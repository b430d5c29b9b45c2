# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual machines."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ...units import MIB
from ..grammar import QEMU
from ..program import Program, sized
from ..setting import Setting
from ..spelling import Found, Spelling, behind, variables
from ..subject import Subject

_QEMU = "QEMU documentation, invocation: -m"
_MACHINES = ("qemu-system-x86_64", "qemu-system-aarch64", "qemu-system-arm", "qemu-system-i386", "qemu-kvm", "start-qemu")


def _megabytes(subject: Subject) -> Iterator[Found]:
    """Read `-m 4096` and `-m size=4G,slots=2` of QEMU."""
    for word, following in pairwise(behind(subject, _MACHINES)):
        if word.value == "-m":
            yield "memory", Setting(value=following.value.partition(",")[0].removeprefix("size="), where=following.where)


QEMU_GUEST = Program(
    name="qemu",
    names=("windows", "windows-arm", "macos", "qemu", "qemu-docker", "qemu-arm", "vdsm", "virtual-dsm", "docker-osx", "umbrelos"),
    executables=_MACHINES,
    spellings=(
        variables({"RAM_SIZE": "memory"}, "dockur/windows and qemus/qemu: environment variables"),
        variables({"RAM": "memory"}, "sickcodes/Docker-OSX, README: RAM in GB", unit="g", images=("docker-osx",)),
        Spelling(at="argument `-m SIZE` of qemu-system-*", read=_megabytes, source=_QEMU),
    ),
    rules=(sized("guest", QEMU, "memory", plus=256 * MIB, what="the guest's memory, and an allowance for QEMU itself", source=_QEMU),),
)

PROGRAMS = (QEMU_GUEST,)
