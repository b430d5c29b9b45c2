# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Block devices on the lab host: loop devices, named by id as udev names a disk, since the lab host has no udev."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
HOST = os.environ.get("ZIGGIE_LAB_HOST", "ziggie-lab")
INVENTORY = os.environ.get("INVENTORY", str(ROOT / "inventories/lab"))

# Its own numbers: the machine's other users of loop devices begin to count at 0.
FIRST = 200
IMAGES = "/var/lib/docker/ziggie-test"
# The process that holds a disk in a mount namespace of its own.
HOLDER = "/run/ziggie-test.pid"
BY_ID = "/dev/disk/by-id/ziggie-test-"

# The first sectors of a device after pvcreate of LVM 2.03.
LVM = zlib.decompress(
    base64.b64decode(
        "eNpjYBgFIxn4ODq5+vj7uTJC+TnmG1QUQOJhvkYKBgaGSfll7mmBOREZaUWuSRHGxoZ5FunBaUGZgeGGBs5eRu5ApSwQnQL4LYJJf+DHKs00GhWjYBSMglEwCkbB"
        "KBgFo2AUjIJRQFMgdq3vtgK4s1cRbeqoWmTgp2XHiNpfAwD1kxjN"
    )
)


def ask(command: str, content: bytes | None = None) -> str:
    """Run a shell command on the host; one that fails is an error of the test."""
    done = subprocess.run(["docker", "exec", "-i", HOST, "sh", "-c", command], input=content, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, f"{command}\n{done.stdout!r}{done.stderr!r}"
    return done.stdout.decode(errors="replace").strip()


def fails(command: str) -> bool:
    return subprocess.run(["docker", "exec", HOST, "sh", "-c", command], capture_output=True, check=False, timeout=120).returncode != 0


@dataclass(frozen=True, slots=True)
class Disk:
    """A loop device on the host and its name by id."""

    number: int

    @property
    def device(self) -> str:
        return f"/dev/loop{self.number}"

    @property
    def name(self) -> str:
        return f"{BY_ID}{self.number}"

    @property
    def image(self) -> str:
        return f"{IMAGES}/{self.number}.img"

    def write(self, content: bytes, offset: int = 0) -> None:
        ask(f"dd of={self.device} bs=1 seek={offset} conv=notrunc,fsync status=none", content)

    def digest(self) -> str:
        """Return a digest of all that lies on it."""
        return ask(f"sync; sha256sum < {self.device}")

    def holds(self) -> list[tuple[str, str]]:
        """Return type and UUID of what lies on it."""
        found = json.loads(ask(f"wipefs --json {self.device}") or '{"signatures": []}')["signatures"]
        return [(entry["type"], entry["uuid"]) for entry in found]


def attach(number: int, megabytes: int = 320) -> Disk:
    """Make a blank disk."""
    disk = Disk(number)
    detach(disk)
    ask(
        f"mkdir -p {IMAGES} /dev/disk/by-id && truncate -s {megabytes}M {disk.image}"
        f" && {{ test -e /dev/loop-control || mknod -m 600 /dev/loop-control c 10 237; }}"
        f" && {{ test -e {disk.device} || mknod -m 600 {disk.device} b 7 {number}; }}"
        f" && losetup {disk.device} {disk.image} && ln -sf {disk.device} {disk.name}"
    )
    return disk


def detach(disk: Disk) -> None:
    ask(
        f"{{ test -e {HOLDER} && kill $(cat {HOLDER}) && sleep 1; }} 2>/dev/null; rm -f {HOLDER};"
        f"swapoff {disk.device} 2>/dev/null; umount -A {disk.device} 2>/dev/null; losetup -d {disk.device} 2>/dev/null;"
        f" rm -f {disk.image} {disk.name} {disk.device}"
    )


def run(module: str, check: bool = False, **arguments: Any) -> dict[str, Any]:
    """Run a module on the host as a playbook does."""
    words = ["ansible", HOST, "-i", INVENTORY, "-m", f"ziggie.stack.{module}", "-a", json.dumps(arguments), "--diff"]
    done = subprocess.run(
        [str(Path(sys.executable).with_name("ansible")), *words[1:], *["--check"] * check],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
        env=os.environ | {"LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1"},
    )
    # The diff comes first, the result is the last thing printed.
    _diff, arrow, told = done.stdout.rpartition(" => ")
    assert arrow, done.stdout + done.stderr
    return {**yaml.safe_load(told), "printed": done.stdout}
