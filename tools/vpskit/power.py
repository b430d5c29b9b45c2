# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual machine's power: on, off, cut, and off by itself when whoever asked for it is gone."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from labkit.shell import LabError

from vpskit import qemu
from vpskit.names import CONSOLE, DOORS, KEY, PID, RUN, SSH_PORT

SSH = (
    *("ssh", "-i", str(KEY), "-p", str(SSH_PORT), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
    *("-o", "LogLevel=ERROR", "-o", "ConnectTimeout=60", "-o", "BatchMode=yes", "root@127.0.0.1"),
)
BOOT_SECONDS = 400


def running() -> int | None:
    """The process of the virtual machine, if it has power."""
    try:
        pid = int(PID.read_text(encoding="utf-8"))
        return pid if "qemu-system" in Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8") else None
    except (OSError, ValueError):
        return None


def on(made: list[str], owner: int) -> None:
    """Give it power, in a process that outlives this one but not the owner (0: nobody's)."""
    taken = [port for port in DOORS if not _free(port)]
    if taken:
        raise LabError(f"127.0.0.1:{taken[0]} is taken; VPS_SSH_PORT, VPS_HTTP_PORT and VPS_OTHER_PORT choose others")
    PID.unlink(missing_ok=True)
    log = (RUN / "qemu.log").open("ab")
    subprocess.Popen(
        [sys.executable, "-m", "vpskit", "hold", *made, str(owner)],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    log.close()


def hold(place: Path, tools: Path, accelerator: str, owner: int) -> None:
    """Run the machine until it ends, or its owner does, which takes its disks along; if this process is killed, the kernel kills the machine."""
    command = qemu.command(tools, accelerator, place / "vmlinuz", place / "initrd.img")
    try:
        ends = [os.pidfd_open(owner)] if owner else []
    except ProcessLookupError:
        return
    with subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", *command]) as machine:
        PID.write_text(f"{machine.pid}\n", encoding="utf-8")
        try:
            ended, _unused, _unused = select.select([os.pidfd_open(machine.pid), *ends], [], [])
        finally:
            machine.kill()
    PID.unlink(missing_ok=True)
    if any(end in ended for end in ends):
        shutil.rmtree(RUN, ignore_errors=True)


def cut() -> None:
    """Take its power away, as a failing power supply does."""
    pid = running()
    if pid is None:
        return
    ended = os.pidfd_open(pid)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    select.select([ended], [], [], 30)
    os.close(ended)
    for _unused in range(100):
        if not PID.exists():
            return
        time.sleep(0.1)


def wait() -> float:
    """Until it lets us in and its engine answers; return the seconds that took."""
    began = time.monotonic()
    while time.monotonic() - began < BOOT_SECONDS:
        done = subprocess.run([*SSH, "docker version -f '{{.Server.Version}}'"], capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.strip():
            return time.monotonic() - began
        if time.monotonic() - began > 20 and running() is None:
            break
        time.sleep(2)
    tail = "\n".join(CONSOLE.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]) if CONSOLE.exists() else ""
    raise LabError(f"the virtual machine is not ready after {time.monotonic() - began:.0f} s; see {CONSOLE} and {RUN / 'qemu.log'}\n{tail}")


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
