# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives an image the commands that the real one has, and takes away the others.

shape.py list                  at the base layer: notes which commands a bare Debian has
shape.py debian [NAME...]      a bare Debian's commands, and NAME...
shape.py busybox [NAME...]     BusyBox's commands, and NAME...
shape.py none [NAME...]        NAME... and no other: no shell, no tool
shape.py program FILE PATH     installs a stand-in, run by the private interpreter, at PATH
shape.py user NAME UID GID HOME  makes the user that the real image has, whoever had these numbers before
Several orders are parted by --.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

HOME = Path("/usr/libexec/stand-in")
PYTHON = HOME / "python3"
BARE = HOME / "bare.commands"
COMMANDS = (Path("/usr/bin"), Path("/usr/sbin"), Path("/usr/games"))
PARTS = {"postgres": Path("/usr/lib/postgresql"), "nginx": Path("/etc/nginx"), "docker-registry": Path("/etc/docker")}
APPLETS_LEFT_OUT = {"ash"}


def note_bare() -> None:
    """Write down the commands of the packages that were there before ours were added."""
    names: set[str] = set()
    for package in (HOME / "bare.packages").read_text(encoding="utf-8").replace(":amd64", "").replace(":arm64", "").split():
        for listing in Path("/var/lib/dpkg/info").glob(f"{package}*.list"):
            if listing.name.split(":")[0].removesuffix(".list") != package:
                continue
            for line in listing.read_text(encoding="utf-8").splitlines():
                if Path(line).parent.name in ("bin", "sbin"):
                    names.add(Path(line).name)
    names |= {"sh", "awk", "which", "pager"} & {entry.name for folder in COMMANDS if folder.is_dir() for entry in folder.iterdir()}
    BARE.write_text("\n".join(sorted(names)) + "\n", encoding="utf-8")


def keep(names: set[str]) -> None:
    """Remove every command that is not named."""
    for folder in COMMANDS:
        for entry in folder.iterdir() if folder.is_dir() else ():
            if entry.name not in names:
                entry.unlink()
    for name, part in PARTS.items():
        if name not in names and part.exists():
            shutil.rmtree(part)


def debian(names: set[str]) -> None:
    keep(names | set(BARE.read_text(encoding="utf-8").split()))


def busybox(names: set[str]) -> None:
    applets = subprocess.run(["/usr/bin/busybox", "--list"], capture_output=True, text=True, check=True).stdout.split()
    keep(names | {"busybox"})
    for applet in applets:
        target = Path("/usr/bin") / applet
        if not target.exists():
            target.symlink_to("busybox")


def none(names: set[str]) -> None:
    keep(names)


def program(source: str, target: str) -> None:
    """A script whose first line names the private interpreter: its process bears the script's own name."""
    text = (HOME / source).read_text(encoding="utf-8") if not source.startswith("/") else Path(source).read_text(encoding="utf-8")
    path = Path(target)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(f"#!{PYTHON} -B\n{text}", encoding="utf-8")
    path.chmod(0o755)


def user(name: str, uid: str, gid: str, home: str) -> None:
    _line(Path("/etc/passwd"), name, uid, f"{name}:x:{uid}:{gid}::{home}:/bin/sh")
    if gid != "0":
        _line(Path("/etc/group"), name, gid, f"{name}:x:{gid}:")


def _line(file: Path, name: str, number: str, line: str) -> None:
    """Add an account's line, and drop the one that has its name or its number."""
    others = [entry for entry in file.read_text(encoding="utf-8").splitlines() if not _same(entry.split(":"), name, number)]
    file.write_text("\n".join([*others, line]) + "\n", encoding="utf-8")


def _same(account: list[str], name: str, number: str) -> bool:
    return account[0] == name or account[2] == number


def follow(order: str, rest: list[str]) -> None:
    if order == "list":
        note_bare()
        program("shape.py", str(HOME / "shape"))
    elif order == "program":
        program(*rest)
    elif order == "user":
        user(*rest)
    else:
        {"debian": debian, "busybox": busybox, "none": none}[order](set(rest))


def main(arguments: list[str]) -> None:
    rest = arguments
    while rest:
        end = rest.index("--") if "--" in rest else len(rest)
        follow(rest[0], rest[1:end])
        rest = rest[end + 1 :]


if __name__ == "__main__":
    main(sys.argv[1:])
