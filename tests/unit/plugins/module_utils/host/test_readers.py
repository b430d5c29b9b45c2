# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of /proc and /sys, on folders that look like them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.engine.container import PinnedImage
from ansible_collections.ziggie.stack.plugins.module_utils.host import cgroups, disks, docker, gather, machine, mounts, network, slices
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import BlockDevice, LocalImage, PathState
from ansible_collections.ziggie.stack.plugins.module_utils.host.root import Root
from ansible_collections.ziggie.stack.plugins.module_utils.typed import dump
from ansible_collections.ziggie.stack.tests.unit import engine as fake


def tree(root: Path, files: dict[str, str]) -> Root:
    for name, text in files.items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Root(str(root))


MEMINFO = "MemTotal:       16384000 kB\nMemAvailable:    8192000 kB\nSwapTotal:       1024 kB\nSwapFree:        512 kB\nHugePages_Total:       0\n"


@pytest.mark.parametrize(
    ("files", "total"),
    [
        ({}, 16384000 << 10),
        ({"/sys/fs/cgroup/memory.max": "max"}, 16384000 << 10),
        ({"/sys/fs/cgroup/memory.max": str(4 << 30)}, 4 << 30),
        ({"/sys/fs/cgroup/memory/memory.limit_in_bytes": str(2 << 30)}, 2 << 30),
        ({"/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712"}, 16384000 << 10),
    ],
)
def test_memory_is_the_smaller_of_ram_and_the_own_limit(tmp_path: Path, files: dict[str, str], total: int) -> None:
    found = dump(machine.memory(tree(tmp_path, {"/proc/meminfo": MEMINFO, **files})))
    assert found == {"total": total, "available": 8192000 << 10, "swap_total": 1 << 20, "swap_free": 1 << 19}


def test_a_host_that_shows_nothing_has_nothing(tmp_path: Path) -> None:
    empty = Root(str(tmp_path))
    assert dump(machine.memory(empty)) == {"total": 0, "available": 0, "swap_total": 0, "swap_free": 0}
    assert machine.pressure(empty) == {}
    assert machine.virtualization(empty) == "unknown"
    assert network.routes(empty) == ()
    assert network.listening(empty) == ()
    assert cgroups.cgroup(empty).controllers == ()


@pytest.mark.parametrize(
    ("capabilities_", "nr_open", "raises"), [("000001ffffffffff", "1048576", True), ("000001fffeffffff", "1048576", False)]
)
def test_only_who_may_raise_limits_has_none(tmp_path: Path, capabilities_: str, nr_open: str, raises: bool) -> None:
    found = machine.ceilings(tree(tmp_path, {"/proc/self/status": f"CapEff:\t{capabilities_}\n", "/proc/sys/fs/nr_open": nr_open}))
    assert found.can_raise is raises
    if raises:
        assert (found.nofile, found.memlock) == (1048576, -1)


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"/proc/1/environ": "A=1\0container=docker\0"}, "container"),
        ({"/.dockerenv": ""}, "container"),
        ({"/sys/class/dmi/id/sys_vendor": "QEMU\n"}, "kvm"),
        ({"/sys/class/dmi/id/sys_vendor": "VMware, Inc."}, "vmware"),
        ({"/proc/cpuinfo": "flags : fpu hypervisor\n"}, "vm"),
        ({"/sys/class/dmi/id/sys_vendor": "Dell Inc."}, "none"),
    ],
)
def test_what_kind_of_machine_it_is(tmp_path: Path, files: dict[str, str], kind: str) -> None:
    assert machine.virtualization(tree(tmp_path, files)) == kind


ROUTES = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0102000A\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
br-ziggie\t00001CAC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
"""


def test_routes_without_the_default_one(tmp_path: Path) -> None:
    assert dump(network.routes(tree(tmp_path, {"/proc/net/route": ROUTES}))) == [
        {"subnet": "10.0.2.0/24", "interface": "eth0"},
        {"subnet": "172.28.0.0/16", "interface": "br-ziggie"},
    ]


TCP = """  sl  local_address rem_address   st tx_queue rx_queue
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000
   1: 00000000:0016 00000000:0000 0A 00000000:00000000
   2: 0100007F:1F91 0100007F:1F90 01 00000000:00000000
"""
TCP6 = """  sl  local_address remote_address st
   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A
   1: 00000000000000000000000001000000:0051 00000000000000000000000000000000:0000 0A
"""


def test_listening_sockets_of_both_kinds(tmp_path: Path) -> None:
    assert dump(network.listening(tree(tmp_path, {"/proc/net/tcp": TCP, "/proc/net/tcp6": TCP6}))) == [
        {"address": "0.0.0.0", "port": 22},
        {"address": "::", "port": 80},
        {"address": "::1", "port": 81},
        {"address": "127.0.0.1", "port": 8080},
    ]


def test_cgroup_v1(tmp_path: Path) -> None:
    files = {
        "/proc/cgroups": "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t1\t1\t1\nmemory\t2\t1\t1\nrdma\t3\t1\t0\n",
        "/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes": "1",
    }
    found = dump(cgroups.cgroup(tree(tmp_path, files)))
    assert found == {"version": 1, "controllers": ["cpu", "memory"], "io_weight": False, "bfq_weight": False, "swap_limit": True}


def test_cgroup_v2(tmp_path: Path) -> None:
    files = {
        "/sys/fs/cgroup/cgroup.controllers": "cpu io memory pids\n",
        "/sys/fs/cgroup/system.slice/io.weight": "default 100",
        "/sys/fs/cgroup/system.slice/memory.swap.max": "max",
    }
    found = dump(cgroups.cgroup(tree(tmp_path, files)))
    assert found == {
        "version": 2,
        "controllers": ["cpu", "io", "memory", "pids"],
        "io_weight": True,
        "bfq_weight": False,
        "swap_limit": True,
    }


def test_a_slices_figures_that_nobody_set(tmp_path: Path) -> None:
    group = "/sys/fs/cgroup/x.slice"
    unset = {"memory.max": "max", "memory.high": "max", "memory.low": "0", "cpu.weight": "100", "io.weight": "default 100"}
    found = slices.figures(tree(tmp_path, {f"{group}/{name}": text for name, text in unset.items()}), group)
    assert found == {"memory_max": 0, "memory_high": 0, "memory_low": 0, "cpu_weight": 100, "io_weight": 100}


MOUNTINFO = """22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw
23 22 8:17 / /mnt/nv\\040me rw,noatime - xfs /dev/sdb1 rw
24 22 8:33 / /mnt/n rw - ext4 /dev/sdc1 rw
25 22 8:49 / /mnt/ro rw,relatime - ext4 /dev/sdd1 ro
26 22 8:50 / /mnt/n rw - ext4 /dev/sdd2 rw
"""


def test_mounts_by_the_kernels_numbers(tmp_path: Path) -> None:
    found = mounts.mounts(tree(tmp_path, {"/proc/self/mountinfo": MOUNTINFO + "garbage\n"}))
    assert [mount.at for mount in found] == ["/", "/mnt/nv me", "/mnt/n", "/mnt/ro", "/mnt/n"]
    assert found[1].options == "rw,noatime"
    assert found[3].options == "ro,relatime"
    # What was mounted last at a place hides what was there.
    assert mounts.holder(found, "/mnt/n/deep").number == "8:50"
    assert mounts.holder(found, "/mnt/never").at == "/"
    assert mounts.holder([], "/").number == ""


def test_a_path_that_is_not_there_yet_lies_on_its_parents_disk(tmp_path: Path) -> None:
    files = {"/proc/self/mountinfo": MOUNTINFO, "/mnt/nv me/here": ""}
    queue: dict[str, Any] = {"rotational": False, "scheduler": "none", "schedulers": ("mq-deadline", "none", "bfq")}
    devices = [
        BlockDevice(name="sdb", path="/dev/sdb", number="8:16", **queue),
        BlockDevice(name="sdb1", path="/dev/sdb1", number="8:17", parent="sdb", **queue),
    ]
    found = disks.describe(tree(tmp_path, files), ["/mnt/nv me/ziggie/deep", "/srv"], devices)
    assert (found["/srv"].mount, found["/srv"].block, found["/srv"].disks) == ("/", "", ())
    nvme = found["/mnt/nv me/ziggie/deep"]
    assert (nvme.mount, nvme.device, nvme.filesystem, nvme.options) == ("/mnt/nv me", "/dev/sdb1", "xfs", "rw,noatime")
    assert (nvme.rotational, nvme.scheduler, nvme.schedulers) == (False, "none", ("mq-deadline", "none", "bfq"))
    assert (nvme.block, nvme.disks) == ("sdb", ("sdb",))
    assert 0 < nvme.free <= nvme.usable <= nvme.size


@pytest.mark.parametrize(
    ("answer", "version"),
    [((0, "2.26.1\n", ""), "2.26.1"), ((0, "v2.40.3\n", ""), "2.40.3"), ((1, "", "unknown command"), "")],
)
def test_composes_version(tmp_path: Path, answer: tuple[int, str, str], version: str) -> None:
    found = docker.describe(
        Root(str(tmp_path)), str(tmp_path / "no.sock"), "ziggie", "/opt/ziggie/stack", lambda *_words, **_options: answer
    )
    assert found.compose_version == version
    assert found.running is False
    assert "does not answer" in found.error


@pytest.mark.parametrize(
    ("text", "config", "invalid"),
    [("", {}, False), ('{"a": 1}', {"a": 1}, False), ("{", {}, True), ("[1]", {}, True)],
)
def test_daemon_json_as_it_lies_there(tmp_path: Path, text: str, config: dict[str, object], invalid: bool) -> None:
    place = tree(tmp_path, {"/etc/docker/daemon.json": text})
    found = docker.describe(place, str(tmp_path / "no.sock"), "ziggie", "/opt/ziggie/stack", missing)
    assert (found.daemon_config, found.daemon_config_invalid) == (config, invalid)


def test_images_are_told_by_tag_and_when_a_pinned_tag_was_moved(tmp_path: Path) -> None:
    with fake.running(tmp_path) as engine:
        engine.answers |= {"/version": {}, "/info": {}, "/networks": [], "/volumes": {"Volumes": None}}
        engine.answers["/images/json"] = [
            {"Id": "sha256:2", "RepoTags": ["redis:8", "mirror:5000/redis:8"], "RepoDigests": ["other@sha256:cc", "redis@sha256:bb"]},
            {"Id": "sha256:3", "RepoTags": ["shop:1"], "RepoDigests": None},
            {"Id": "sha256:4", "RepoTags": ["<none>:<none>"], "RepoDigests": ["gone@sha256:dd"]},
            {"Id": "sha256:5", "RepoTags": None},
        ]
        engine.answers["/images/redis%3A8/json"] = {"Id": "sha256:2", "Metadata": {"LastTagTime": "2026-11-30T12:00:00.123Z"}}
        pins = [
            PinnedImage(reference="docker.io/library/redis:8", digest="", id="sha256:1"),
            PinnedImage(reference="shop:1", digest="", id="sha256:3"),
        ]
        found = docker.describe(tree(tmp_path / "root", {"/x": ""}), engine.path, "ziggie", "/opt/ziggie/stack", missing, pins)
    assert found.error == ""
    assert found.images == {
        "redis:8": LocalImage(id="sha256:2", digest="sha256:bb", tagged="2026-11-30T12:00:00"),
        "mirror:5000/redis:8": LocalImage(id="sha256:2", digest="sha256:bb"),
        "shop:1": LocalImage(id="sha256:3"),
    }


def missing(*_words: str, **_options: bool) -> tuple[int, str, str]:
    raise FileNotFoundError


def test_gathering_never_fails(tmp_path: Path) -> None:
    found = gather.gather(
        socket=str(tmp_path / "no.sock"),
        project="ziggie",
        project_src="/opt/ziggie/stack",
        paths=["/srv"],
        sysctl=["vm.swappiness"],
        files=["/x"],
        run=missing,
        root=str(tmp_path),
    )
    assert found.engine.compose_version == ""
    assert found.sysctl == {"vm.swappiness": ""}
    assert found.files == {"/x": PathState()}
    assert set(found.disks) == {"/", "/srv", "/var/lib/docker"}


@pytest.mark.parametrize(
    ("files", "most"),
    [
        ({"/proc/sys/kernel/pid_max": "32768\n", "/proc/sys/kernel/threads-max": "191000\n"}, 32768),
        ({"/proc/sys/kernel/pid_max": "4194304", "/sys/fs/cgroup/pids.max": "max", "/sys/fs/cgroup/system.slice/pids.max": "9000"}, 9000),
        ({"/proc/sys/kernel/pid_max": "4194304", "/sys/fs/cgroup/pids/pids.max": "1200"}, 1200),
        ({}, 0),
    ],
)
def test_the_least_that_allows_processes_counts(tmp_path: Path, files: dict[str, str], most: int) -> None:
    found = machine.ceilings(tree(tmp_path, {**files, "/proc/sys/fs/file-max": "9223372036854775807"}))
    assert (found.pids, found.files) == (most, 2**63 - 1)
