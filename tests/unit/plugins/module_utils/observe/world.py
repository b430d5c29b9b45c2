# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Docker host in a folder: its /proc, its cgroups on either version, and an engine that says what runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.observe.look import Order, look
from ansible_collections.ziggie.stack.plugins.module_utils.observe.model import Audit
from ansible_collections.ziggie.stack.plugins.module_utils.observe.sockets import Sockets
from ansible_collections.ziggie.stack.tests.unit import engine as fake

MIB = 1024**2
MEMORY = 8192 * MIB
_V1 = {
    "memory.current": "memory/{}/memory.usage_in_bytes",
    "memory.peak": "memory/{}/memory.max_usage_in_bytes",
    "memory.max": "memory/{}/memory.limit_in_bytes",
    "memory.stat": "memory/{}/memory.stat",
    "pids.current": "pids/{}/pids.current",
    "kills": "memory/{}/memory.oom_control",
    "hits": "memory/{}/memory.failcnt",
}


@dataclass(slots=True)
class World:
    """Containers are added by name; `version` is that of the cgroups."""

    root: Path
    engine: fake.Engine
    version: int = 2
    pids: int = 100
    socket: str = field(init=False)

    def __post_init__(self) -> None:
        self.socket = self.engine.path
        (self.root / "proc").mkdir(parents=True)
        self.write("proc/meminfo", f"MemTotal: {MEMORY // 1024} kB\nMemAvailable: {MEMORY // 2048} kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n")
        self.write("proc/self/mountinfo", "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n")
        if self.version == 2:
            self.write("sys/fs/cgroup/cgroup.controllers", "cpu io memory pids\n")
            self.write(
                "proc/pressure/memory", "some avg10=0.00 avg60=4.00 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1\n"
            )
        else:
            self.write("proc/cgroups", "#subsys_name hierarchy num_cgroups enabled\nmemory 1 1 1\n")
        self.engine.answers |= {
            "/version": {"Version": "29.0.1", "ApiVersion": "1.52"},
            "/info": {"DockerRootDir": "/var/lib/docker", "Driver": "overlay2", "LoggingDriver": "json-file"},
            "/volumes": {"Volumes": []},
            "/networks": [],
            "/images/json": [],
            "/system/df": {"LayersSize": 3 * MIB, "BuildCache": []},
        }

    def write(self, path: str, text: str) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    def add(
        self,
        name: str,
        *,
        use: int = 10,
        limit: int = 100,
        peak: int | None = None,
        kills: int = 0,
        project: str = "",
        state: dict[str, Any] | None = None,
        host: dict[str, Any] | None = None,
        ports: dict[str, Any] | None = None,
        inside: str = "",
        adjustment: int = 0,
        config: dict[str, Any] | None = None,
        container: dict[str, Any] | None = None,
    ) -> str:
        """Have a container that uses so many MiB of its limit (0 for none); `inside` is a group of its own in which its processes are."""
        self.pids += 1
        identifier = f"{self.pids:064x}"
        labels = {"com.docker.compose.project": project, "com.docker.compose.service": name} if project else {}
        runs = {"Status": "running", "Pid": self.pids, "ExitCode": 0, "OOMKilled": False, "StartedAt": "2026-11-25T20:00:00Z"} | (
            state or {}
        )
        self.engine.containers[identifier] = {
            "Id": identifier,
            "Name": f"/{project}-{name}-1" if project else f"/{name}",
            "Image": "sha256:1",
            "Created": "2026-11-25T20:00:00Z",
            "RestartCount": 0,
            "State": runs,
            "Config": {"Image": f"example/{name}:1", "Labels": labels, "Env": [], **(config or {})},
            "HostConfig": {
                "Memory": limit * MIB,
                "PidsLimit": 50,
                "RestartPolicy": {"Name": "always"},
                "PortBindings": ports or {},
                **(host or {}),
            },
            "NetworkSettings": {"Ports": ports or {}, "Networks": {}},
            "Mounts": [],
            **(container or {}),
        }
        if runs["Pid"]:
            self._group(identifier, use, limit, use if peak is None else peak, kills, inside)
            self.process(self.pids, name, use, adjustment, identifier, inside)
        return identifier

    def process(self, pid: int, name: str, size: int, adjustment: int, identifier: str = "", inside: str = "") -> None:
        """Have a process of so many MiB, of a container or of the host."""
        path = f"/docker/{identifier}{inside}" if identifier else "/system.slice/some.service"
        self.write(f"proc/{pid}/status", f"Name:\t{name}\nVmRSS:\t{size * 1024} kB\nVmSwap:\t0 kB\nVmPTE:\t0 kB\n")
        self.write(f"proc/{pid}/oom_score_adj", f"{adjustment}\n")
        self.write(
            f"proc/{pid}/cgroup",
            f"0::{path}\n" if self.version == 2 else f"2:memory:{path}\n3:pids:{path}\n4:cpu:{path}\n5:cpuacct:{path}\n",
        )

    def look(self, order: Order | None = None, **options: Any) -> Audit:
        """Audit it."""
        sockets = Sockets(chosen=self.socket, others=())
        return look(sockets, order or Order(timeout=5.0), no_program, root=str(self.root), pause=lambda _span: None, **options)

    def _group(self, identifier: str, use: int, limit: int, peak: int, kills: int, inside: str) -> None:
        files = {
            "memory.current": f"{use * MIB}",
            "memory.peak": f"{peak * MIB}",
            "memory.max": f"{limit * MIB}" if limit else "max" if self.version == 2 else f"{2**63 - 4096}",
            "memory.stat": "inactive_file 0\ntotal_inactive_file 0\n",
            "pids.current": "4",
        }
        if self.version == 2:
            files |= {
                "memory.events": f"low 0\nhigh 0\nmax {kills * 3}\noom {kills}\noom_kill {kills}\n",
                "cpu.stat": "usage_usec 1000000\n",
            }
            for name, text in files.items():
                self.write(f"sys/fs/cgroup/docker/{identifier}/{name}", text)
            if inside:
                self.write(f"sys/fs/cgroup/docker/{identifier}{inside}/memory.current", "1")
            return
        files |= {"kills": f"oom_kill_disable 0\nunder_oom 0\noom_kill {kills}\n", "hits": f"{kills * 3}"}
        for name, text in files.items():
            self.write("sys/fs/cgroup/" + _V1[name].format(f"docker/{identifier}"), text)


def no_program(*_arguments: Any, **_options: Any) -> tuple[int, str, str]:
    return 127, "", ""


@contextmanager
def world(place: Path, version: int = 2) -> Iterator[World]:
    with fake.running(place) as engine:
        yield World(root=place / "host", engine=engine, version=version)
