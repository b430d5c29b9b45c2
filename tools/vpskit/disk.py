# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual machine's disks: Debian with the lab's images already in its engine, and one that is empty."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import yaml
from labkit import bases, catalog, docker, registry, services, upstream
from labkit.hashing import spec_of
from labkit.host import MIGHT
from labkit.names import BASE_IMAGE, HOST_IMAGE, NETWORK, SERVICE_IMAGES, STATE
from labkit.progress import Step
from labkit.rootfs import rootfs
from labkit.shell import run

from vpskit import qemu
from vpskit.names import HOT_DISK_GIB, INVENTORY, KEY, ROOM, ROOT_DISK_GIB, RUN, VPS

SEED = "ziggie-vps-seed"
_PLACE = STATE / "tmp" / "vps"


def images(step: Step) -> dict[str, str]:
    """Have the lab's images in its registry; return what the stack of the virtual machine pulls, and its digest."""
    base_spec, _unused = bases.make()
    mode = upstream.mode()
    registry.start(base_spec, mode)
    services.make(step, mode, base_spec)
    variables = yaml.safe_load((INVENTORY / "group_vars" / "stack.yml").read_text(encoding="utf-8"))
    absent = {*variables["catalog_excluded"], *catalog.optional()}
    wanted = {name: reference for name, reference in catalog.references().items() if name not in absent}
    registry_map = json.loads((STATE / "lab.json").read_text(encoding="utf-8"))["registry_map"]
    found = {BASE_IMAGE: base_spec}
    for name, reference in wanted.items():
        host, _slash, rest = reference.partition("/")
        pulled = f"{registry_map[host]}/{rest}" if host in registry_map else reference
        found[pulled] = docker.image_spec(f"{SERVICE_IMAGES}:{name}") or mode
    return found


def key() -> str:
    """The public half of the key that opens the virtual machine, made once."""
    if not KEY.exists():
        VPS.mkdir(parents=True, exist_ok=True)
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ziggie-vps", "-f", str(KEY)], sentence="ssh-keygen made no key")
    return KEY.with_suffix(".pub").read_text(encoding="utf-8")


def base(held: dict[str, str]) -> Path:
    """The directory of the disk, the kernel and its initial RAM disk, made anew only if what they are made of has changed."""
    tarball, root_spec = rootfs("guest", ROOM)
    public = key()
    spec = spec_of([root_spec, public, *(f"{name} {digest}" for name, digest in sorted(held.items()))], [ROOM / "guest", Path(__file__)])
    place = VPS / f"disk-{spec}"
    if not place.exists():
        part = VPS / "disk.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        _make(tarball, public, held, part)
        for stale in VPS.glob("disk-*"):
            shutil.rmtree(stale)
        part.rename(place)
    return place


def _make(tarball: Path, public: str, held: dict[str, str], part: Path) -> None:
    root = _PLACE / "root"
    shutil.rmtree(_PLACE, ignore_errors=True)
    root.mkdir(parents=True)
    run(["tar", "-xf", str(tarball), "-C", str(root)], sentence=f"{tarball.name} could not be unpacked")
    run(["cp", "-a", f"{ROOM / 'guest' / 'files'}/.", str(root)], sentence="the guest's files could not be copied")
    run(["chown", "-R", "root:root", str(root / "etc/systemd"), str(root / "etc/ssh")], sentence="the guest's files have no owner")
    ssh = root / "root/.ssh"
    ssh.mkdir(mode=0o700, exist_ok=True)
    (ssh / "authorized_keys").write_text(public, encoding="utf-8")
    for name in ("vmlinuz", "initrd.img"):
        shutil.copy((root / name).resolve() if not (root / name).is_symlink() else root / (root / name).readlink(), part / name)
    run(["docker", "volume", "rm", "--force", SEED], sentence=f"the volume {SEED} is in use")
    docker.ensure_volume(SEED)
    _seed(held)
    volume = run(["docker", "volume", "inspect", "-f", "{{.Mountpoint}}", SEED], sentence=f"the volume {SEED} is gone").strip()
    disk = part / "root.img"
    # The images lie in a volume of the engine; for the one who makes the filesystem they lie where they belong.
    script = 'mkdir -p "$2/var/lib/docker" && mount --bind "$1" "$2/var/lib/docker" && truncate -s "$4" "$3" && mkfs.ext4 -q -L root -m 0 -d "$2" "$3"'
    run(
        ["unshare", "--mount", "sh", "-c", script, "sh", volume, str(root), str(disk), f"{ROOT_DISK_GIB}G"],
        sentence="mkfs.ext4 could not make the disk",
    )
    run(["docker", "volume", "rm", SEED], sentence=f"the volume {SEED} could not be removed")
    shutil.rmtree(_PLACE)


def _seed(held: dict[str, str]) -> None:
    """Fill a volume with images, by an engine of the guest's own version at this machine's own speed."""
    saved = _PLACE / "base.tar"
    run(["docker", "save", "-o", str(saved), BASE_IMAGE], sentence=f"{BASE_IMAGE} could not be saved")
    pulled = [name for name in held if name != BASE_IMAGE]
    docker.remove_container(SEED)
    options = ["--rm", "--name", SEED, "--network", NETWORK, "--cap-add=SYS_ADMIN", *(might for might in MIGHT if "security-opt" in might)]
    options += ["--tmpfs=/run", "--tmpfs=/tmp", f"--volume={SEED}:/var/lib/docker", f"--volume={saved}:/base.tar:ro"]
    options += [f"--volume={ROOM / 'seed'}:/seed:ro", "--entrypoint=/seed"]
    run(
        ["docker", "run", *options, HOST_IMAGE, *pulled],
        sentence="the images could not be put onto the disk",
        log=STATE / "log" / "vps-seed.log",
    )


def fresh(place: Path, tools: Path) -> None:
    """A clean root disk over the made one, and an empty disk, for one run."""
    shutil.rmtree(RUN, ignore_errors=True)
    RUN.mkdir(parents=True)
    qemu.image(tools, "create", "-q", "-f", "qcow2", "-b", str(place / "root.img"), "-F", "raw", str(RUN / "root.qcow2"))
    with (RUN / "hot.img").open("wb") as file:
        file.truncate(HOT_DISK_GIB << 30)
