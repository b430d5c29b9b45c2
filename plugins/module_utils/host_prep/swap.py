# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's swap: none, a file, or compressed memory.

One script starts and stops whichever it is, so that a change of mind first undoes what was there. It writes no fstab: what the
system swaps to by itself is switched off at boot where there is to be none, and back on when the unit is stopped.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..host.codes import SWAP_IMPOSSIBLE
from ..host.facts import Disk, Facts
from ..problems import Finding
from ..systemd import MARK
from .document import DAEMON_RELOAD, Command, Document
from .paths import SWAP_FILE, SWAP_SCRIPT, SWAP_UNIT, SWAP_WANTED

_FOLDER = SWAP_FILE.rpartition("/")[0]
_MIB = 1 << 20
_SPARE = 512 * _MIB
# A page swapped out to zram still takes memory, about a third of itself.
_SHARE = 2
_PATH = "stack_host.swap"

_START = {
    "none": ["swapoff -a", "rm -f {file} {file}.new", "touch /run/ziggie-swap.none"],
    "file": [
        'if [ "$(stat -c %s {file} 2>/dev/null)" != {size} ]; then',
        "    rm -f {file} {file}.new",
        "    (umask 077 && fallocate -l {size} {file}.new)",
        "    mkswap {file}.new >/dev/null",
        "    mv {file}.new {file}",
        "fi",
        "swapon {file}",
    ],
    "zram": [
        "rm -f {file} {file}.new",
        "modprobe zram",
        "device=$(zramctl --find --size {size})",
        'echo "$device" > /run/ziggie-swap.zram',
        'mkswap "$device" >/dev/null',
        'swapon --priority 100 "$device"',
    ],
}
_STOP = [
    "if [ -e /run/ziggie-swap.zram ]; then",
    "    device=$(cat /run/ziggie-swap.zram)",
    '    swapoff "$device" 2>/dev/null || true',
    '    zramctl --reset "$device"',
    "    rm -f /run/ziggie-swap.zram",
    "fi",
    "if grep -q '^{file} ' /proc/swaps; then swapoff {file}; fi",
    "if [ -e /run/ziggie-swap.none ]; then",
    "    rm -f /run/ziggie-swap.none",
    "    swapon -a",
    "fi",
]


def documents(policy: str, size: int, facts: Facts) -> list[Document]:
    """Return the script, its unit and what starts that at boot; with `keep` none of them is there, and the host's own swap is as it was.

    `size` is in bytes, of the file or of the zram device before compression.
    """
    ours = policy != "keep" and facts.virtualization != "container"
    # The script is gone when this runs, so it is said here once more.
    undo: Command = (
        "sh",
        "-c",
        "\n".join([*_stop(), f"rm -f {SWAP_FILE} {SWAP_FILE}.new", "systemctl stop ziggie-swap.service 2>/dev/null || true"]),
    )
    apply: tuple[Command, ...] = (DAEMON_RELOAD, ("systemctl", "restart", "ziggie-swap.service")) if ours else (undo, DAEMON_RELOAD)
    effect = f"the host's swap becomes {policy}; nothing restarts" if ours else "the host's own swap is used again; nothing restarts"
    return [
        Document(path=SWAP_UNIT, content=_UNIT if ours else None, apply=apply, effect=effect),
        Document(path=SWAP_WANTED, content=f"{MARK}\n[Unit]\nWants=ziggie-swap.service\n" if ours else None, apply=(DAEMON_RELOAD,)),
        Document(
            path=SWAP_SCRIPT,
            content=script(policy, size) if ours else None,
            mode="0755",
            apply=apply,
            due=ours and not _holds(policy, size, facts),
            effect=effect,
        ),
    ]


def script(policy: str, size: int) -> str:
    """Return the shell script that starts and stops a policy."""
    start = "\n        ".join(line.replace("{file}", SWAP_FILE).replace("{size}", str(size)) for line in _START[policy])
    stop = "\n        ".join(_stop())
    return f"""\
#!/bin/sh
{MARK}
# $1 is start or stop.
set -eu
case "$1" in
    start)
        {start}
        ;;
    stop)
        {stop}
        ;;
esac
"""


def _stop() -> list[str]:
    return [line.replace("{file}", SWAP_FILE) for line in _STOP]


_UNIT = f"""\
{MARK}
[Unit]
Description=Swap of the stack's host
After=swap.target
RequiresMountsFor={_FOLDER}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart={SWAP_SCRIPT} start
ExecStop={SWAP_SCRIPT} stop
"""


def impossible(policy: str, size: int, facts: Facts) -> Iterator[Finding]:
    """Yield why a policy cannot be carried out on a host."""
    if policy == "keep" or facts.virtualization == "container" or _holds(policy, size, facts):
        return
    if not facts.systemd:
        yield _error("the host has no systemd, which would set up its swap at boot", "set it up yourself and write keep")
    if policy == "none":
        used = sum(area.used for area in facts.swap.areas)
        if used > facts.memory.available:
            yield _error(
                f"{used // _MIB} MiB are swapped out and only {facts.memory.available // _MIB} MiB of memory are free for them",
                "stop something first, or write keep",
            )
    if policy == "file":
        disk = facts.disks.get("/", Disk())
        if disk.free < size + _SPARE:
            yield _error(
                f"{disk.free // _MIB} MiB are free at {_FOLDER}, a swap file of {size // _MIB} MiB leaves too little",
                "lower stack_host.swap_size",
            )
        if disk.filesystem in ("btrfs", "zfs", "tmpfs", "overlay"):
            yield _error(f"the kernel swaps to no plain file on {disk.filesystem}", "write zram or none")
    if policy == "zram":
        if facts.swap.zram == "absent":
            yield _error("the kernel has no zram", "write file or none")
        if size > facts.memory.total // _SHARE:
            yield _error(f"{size // _MIB} MiB of zram are more than half of the memory", "lower stack_host.swap_size")


def _holds(policy: str, size: int, facts: Facts) -> bool:
    areas = facts.swap.areas
    if policy == "none":
        return not areas
    if policy == "file":
        # The first page is the header.
        return any(area.path == SWAP_FILE and abs(area.size - size) <= 2 * _MIB for area in areas)
    return any(area.path.startswith("/dev/zram") and abs(area.size - size) <= 2 * _MIB for area in areas)


def _error(message: str, fix: str) -> Finding:
    return Finding(code=SWAP_IMPOSSIBLE, severity="error", path=_PATH, message=message, fix=fix)
