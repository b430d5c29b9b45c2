# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""QEMU 10 of Debian trixie, whatever this machine runs: older ones make the guest's kernel panic."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from labkit.rootfs import rootfs
from labkit.shell import run

from vpskit.names import CONSOLE, CORES, DOORS, HOT_BYTES_PER_SECOND, HOT_SERIAL, MEMORY_MIB, ROOM, RUN, VPS

# The kernel's own checks of a real machine's flaws cost much where every instruction is emulated.
BOOT = "root=/dev/vda rw console=ttyS0 quiet mitigations=off nokaslr init_on_alloc=0 audit=0 net.ifnames=0 fsck.mode=skip systemd.show_status=0"
_PROOF = "No bootable device"


def programs() -> Path:
    """QEMU's programs and libraries, unpacked once."""
    tarball, spec = rootfs("qemu", ROOM)
    place = VPS / f"qemu-{spec}"
    if not place.exists():
        part = VPS / "qemu.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        run(["tar", "-xf", str(tarball), "-C", str(part), "./usr", "./lib64"], sentence=f"{tarball.name} could not be unpacked")
        for stale in VPS.glob("qemu-*"):
            shutil.rmtree(stale)
        part.rename(place)
    return place


def _program(place: Path, name: str) -> list[str]:
    """Start a program with its own loader and libraries, so that neither a chroot nor a container stands between it and us."""
    libraries = next((place / "usr/lib").glob("*-linux-gnu"))
    return [str(place / "lib64/ld-linux-x86-64.so.2"), "--library-path", str(libraries), str(place / "usr/bin" / name)]


def image(place: Path, *arguments: str) -> None:
    """Run qemu-img."""
    run([*_program(place, "qemu-img"), *arguments], sentence="qemu-img could not make a disk")


def _machine(place: Path, accelerator: str) -> list[str]:
    command = [*_program(place, "qemu-system-x86_64"), "-L", str(place / "usr/share/qemu"), "-L", str(place / "usr/share/seabios")]
    return [*command, "-nodefaults", "-no-user-config", "-display", "none", "-machine", "q35", "-accel", accelerator, "-cpu", "max"]


def accelerator(place: Path) -> str:
    """KVM if a machine really runs under it; there are hosts whose /dev/kvm opens and then runs nothing."""
    if not Path("/dev/kvm").exists():
        return "tcg,thread=multi"
    with tempfile.TemporaryDirectory() as directory:
        said = Path(directory) / "said"
        trial = [*_machine(place, "kvm"), "-m", "256", "-debugcon", f"file:{said}", "-global", "isa-debugcon.iobase=0x402"]
        with subprocess.Popen(trial, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                until = time.monotonic() + 10
                while process.poll() is None and time.monotonic() < until:
                    if said.exists() and _PROOF in said.read_text(encoding="latin-1"):
                        return "kvm"
                    time.sleep(0.2)
            finally:
                process.kill()
    return "tcg,thread=multi"


def command(place: Path, accelerator_: str, kernel: Path, initrd: Path) -> list[str]:
    """The machine of the report, with an empty second disk; nothing of the outside can be reached from it."""
    doors = "".join(f",hostfwd=tcp:127.0.0.1:{port}-:{guest}" for port, guest in DOORS.items())
    parts = [*_machine(place, accelerator_), "-smp", str(CORES), "-m", str(MEMORY_MIB)]
    parts += ["-kernel", str(kernel), "-initrd", str(initrd), "-append", BOOT, "-serial", f"file:{CONSOLE}"]
    # What the guest flushed outlives QEMU in this machine's page cache: a flush to the real disk would only cost time.
    parts += ["-drive", f"if=none,id=root,file={RUN / 'root.qcow2'},format=qcow2,cache=unsafe"]
    parts += ["-device", "virtio-blk-pci,drive=root,serial=ziggie-root"]
    # As a provider throttles a VPS, and with a short queue: weights are about what waits in the guest, not in the disk.
    hot = f"if=none,id=hot,file={RUN / 'hot.img'},format=raw,cache=unsafe,throttling.bps-total={HOT_BYTES_PER_SECOND}"
    parts += ["-drive", hot, "-device", f"nvme,serial={HOT_SERIAL},drive=hot,max_ioqpairs=1,mqes=3"]
    parts += ["-netdev", f"user,id=net,restrict=on{doors}", "-device", "virtio-net-pci,netdev=net,romfile="]
    # Gives freed memory back to this machine.
    return [*parts, "-device", "virtio-balloon-pci,free-page-reporting=on", "-device", "virtio-rng-pci"]
