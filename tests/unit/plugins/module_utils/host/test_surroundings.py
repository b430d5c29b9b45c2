# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules, I/O, swap, firewall, clock and slices, on folders that look like a host."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host import cgroups, kernel, machine, network, slices
from ansible_collections.ziggie.stack.plugins.module_utils.host.root import Root
from ansible_collections.ziggie.stack.plugins.module_utils.systemd import MARK, slice_name, slice_path
from ansible_collections.ziggie.stack.plugins.module_utils.typed import dump

RELEASE = {"/proc/sys/kernel/osrelease": "6.12.1\n"}
LIBRARY = "/lib/modules/6.12.1"


def tree(root: Path, files: dict[str, str]) -> Root:
    for name, text in files.items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Root(str(root))


def missing(*_words: object, **_options: bool) -> tuple[int, str, str]:
    raise FileNotFoundError


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({}, "absent"),
        ({"/sys/module/bfq/refcnt": "0"}, "loaded"),
        ({f"{LIBRARY}/modules.builtin": "kernel/block/bfq.ko\n"}, "loaded"),
        ({f"{LIBRARY}/modules.dep": "kernel/block/bfq.ko.xz:\n"}, "loadable"),
        ({f"{LIBRARY}/modules.dep": "kernel/block/notbfq.ko.xz:\n"}, "absent"),
    ],
)
def test_modules_of_the_kernel(tmp_path: Path, files: dict[str, str], state: str) -> None:
    assert kernel.module(tree(tmp_path, RELEASE | files), "bfq") == state


def test_what_makes_io_weights_work(tmp_path: Path) -> None:
    files = {
        "/sys/class/block/vda/queue/scheduler": "none [mq-deadline] bfq",
        "/sys/fs/cgroup/io.cost.qos": "259:0 enable=1 ctrl=auto\n8:0 enable=0 ctrl=auto",
    }
    assert dump(cgroups.io(tree(tmp_path, files))) == {
        "bfq": "loaded",
        "cost": True,
        "cost_devices": ["259:0"],
        "sysfs_writable": True,
        "udev": False,
    }


def test_what_a_host_without_any_of_it_has(tmp_path: Path) -> None:
    empty = Root(str(tmp_path))
    assert dump(cgroups.io(empty)) == {"bfq": "absent", "cost": False, "cost_devices": [], "sysfs_writable": False, "udev": False}
    assert dump(kernel.swap(empty)) == {"areas": [], "zram": "absent"}
    assert network.firewall(empty, missing).iptables == ""
    assert dump(machine.clock(empty, lambda: -1)) == {"synchronized": None, "service": ""}
    assert dump(slices.describe(empty, "ziggie")["critical"]) == {"name": "ziggie-critical.slice", "file": "", "ours": False, "live": {}}


def test_swap_areas(tmp_path: Path) -> None:
    files = {"/proc/swaps": "Filename Type Size Used Priority\n/swapfile file 1024 512 -2\nbroken\n", "/sys/module/zram/x": ""}
    assert dump(kernel.swap(tree(tmp_path, files))) == {
        "areas": [{"path": "/swapfile", "type": "file", "size": 1 << 20, "used": 1 << 19, "priority": -2}],
        "zram": "loaded",
    }


@pytest.mark.parametrize(
    ("answer", "backend"),
    [
        ((0, "iptables v1.8.11 (nf_tables)\n", ""), "nf_tables"),
        ((0, "iptables v1.8.9 (legacy)\n", ""), "legacy"),
        ((0, "iptables v1.6.1\n", ""), "legacy"),
        ((1, "", "no"), ""),
    ],
)
def test_the_backend_of_iptables(tmp_path: Path, answer: tuple[int, str, str], backend: str) -> None:
    assert network.firewall(Root(str(tmp_path)), lambda *_words, **_options: answer).iptables == backend


def test_other_firewalls(tmp_path: Path) -> None:
    files = {"/etc/ufw/ufw.conf": "# x\nENABLED=yes\n", "/proc/12/comm": "firewalld\n"}
    found = network.firewall(tree(tmp_path, files), missing)
    assert (found.ufw, found.firewalld) == (True, True)


@pytest.mark.parametrize(("state", "synchronized"), [(0, True), (5, False), (-1, None)])
def test_the_clock(tmp_path: Path, state: int, synchronized: bool | None) -> None:
    found = dump(machine.clock(tree(tmp_path, {"/proc/9/comm": "systemd-timesyn\n", "/proc/x/comm": "chronyd"}), lambda: state))
    assert found == {"synchronized": synchronized, "service": "systemd-timesyncd"}


def test_this_machines_clock_answers(tmp_path: Path) -> None:
    assert machine.clock(Root(str(tmp_path))).synchronized in (True, False, None)


def test_names_of_slices() -> None:
    assert slice_name("ziggie") == "ziggie.slice"
    assert slice_path("ziggie", "critical") == "ziggie.slice/ziggie-critical.slice"
    # A dash nests: `my-stack.slice` would lie in `my.slice`.
    assert slice_path("my-stack", "critical") == "my\\x2dstack.slice/my\\x2dstack-critical.slice"


def test_a_slice_that_is_in_force(tmp_path: Path) -> None:
    group = "/sys/fs/cgroup/ziggie.slice"
    files = {
        "/etc/systemd/system/ziggie.slice": f"{MARK}\n[Slice]\n",
        "/usr/lib/systemd/system/ziggie-critical.slice": "[Slice]\n",
        f"{group}/memory.max": "1024\n",
        f"{group}/memory.low": "max\n",
        f"{group}/pids.max": "max\n",
        f"{group}/cpu.weight": "700\n",
        f"{group}/io.weight": "default 100\n8:0 200\n",
    }
    found = dump(slices.describe(tree(tmp_path, files), "ziggie"))
    assert found[""] == {
        "name": "ziggie.slice",
        "file": "/etc/systemd/system/ziggie.slice",
        "ours": True,
        "live": {"memory_max": 1024, "memory_low": (1 << 63) - 1, "pids_max": 0, "cpu_weight": 700, "io_weight": 100},
    }
    assert (found["critical"]["ours"], found["critical"]["file"]) == (False, "/usr/lib/systemd/system/ziggie-critical.slice")
