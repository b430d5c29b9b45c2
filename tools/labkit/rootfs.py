# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian root filesystems, bootstrapped once and kept as tarballs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from labkit.hashing import spec_of
from labkit.names import CACHE, LAB, STATE
from labkit.shell import run

SUITE = "trixie"
# Without one, mmdebstrap takes its own, with updates and security updates.
MIRROR = os.environ.get("LAB_DEBIAN_MIRROR", "")
LEFT_OUT = ("man", "doc", "locale", "info", "javascript", "i18n/locales")


def rootfs(kind: str, room: Path = LAB) -> tuple[Path, str]:
    """The tarball of <room>/<kind>/packages.txt (with its hook, if it has one), and its spec."""
    packages = room / kind / "packages.txt"
    hook = room / kind / "hook"
    names = [line.strip() for line in packages.read_text(encoding="utf-8").splitlines()]
    names = [name for name in names if name and not name.startswith("#")]
    spec = spec_of([SUITE, *sorted(names), *LEFT_OUT], [hook] if hook.exists() else [])
    tarball = CACHE / f"{kind}-{spec}.tar"
    if not tarball.exists():
        _bootstrap(kind, names, hook, tarball)
        for stale in CACHE.glob(f"{kind}-*.tar"):
            if stale != tarball:
                stale.unlink()
    return tarball, spec


def _bootstrap(kind: str, names: list[str], hook: Path, tarball: Path) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    part = tarball.with_suffix(".part")
    # A killed run leaves its half of a system here, and the next one takes it away.
    workplace = STATE / "tmp" / kind
    shutil.rmtree(workplace, ignore_errors=True)
    workplace.mkdir(parents=True)
    command = ["mmdebstrap", "--mode=root", "--variant=minbase", "--format=tar", f"--include={','.join(names)}"]
    command += ["--keyring=/usr/share/keyrings/debian-archive-keyring.gpg"]
    command += ['--aptopt=Apt::Install-Recommends "false"', '--aptopt=Acquire::Retries "3"']
    command += [f"--dpkgopt=path-exclude=/usr/share/{path}/*" for path in LEFT_OUT]
    if hook.exists():
        command += [f'--essential-hook="{hook}" essential "$1"', f'--customize-hook="{hook}" customize "$1"']
    command += [SUITE, str(part), *([MIRROR] if MIRROR else [])]
    run(
        ["env", f"TMPDIR={workplace}", *command],
        sentence=f"mmdebstrap could not make the {kind} root filesystem from {MIRROR or 'the default mirror'}",
        log=STATE / "log" / f"mmdebstrap-{kind}.log",
    )
    part.rename(tarball)
    shutil.rmtree(workplace, ignore_errors=True)
