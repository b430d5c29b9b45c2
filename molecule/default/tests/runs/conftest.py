# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""See what a run of the playbook did to the host."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

# What a run may write; of the data only the directories themselves, since the services write into them.
_WRITTEN = "find /opt/ziggie /etc/docker /etc/sysctl.d /etc/systemd /etc/udev /etc/modules-load.d /etc/apt -printf '%p %m %U:%G %s %T@ %i\\n' | sort"
_DATA = "find /mnt/nvme/ziggie /var/log/ziggie -mindepth 0 -maxdepth 1 -printf '%p %m %U:%G %i\\n' | sort"


@pytest.fixture(name="look")
def _look(ask: Any, inspect: Any) -> Callable[[], dict[str, Any]]:
    """Return what a run could have changed: containers and when they were started, files, owners, modes, kernel settings."""

    def look() -> dict[str, Any]:
        return {
            "containers": {
                name: (container["Id"], container["State"]["StartedAt"], container["HostConfig"]) for name, container in inspect().items()
            },
            "files": ask(_WRITTEN).splitlines(),
            "data": ask(_DATA).splitlines(),
            "networks": ask("docker network ls --no-trunc").splitlines(),
            "volumes": ask("docker volume ls").splitlines(),
            "sysctl": ask("sysctl net.core.somaxconn"),
        }

    return look


@pytest.fixture(name="cgroup")
def _cgroup(ask: Any, inspect: Any) -> Callable[[str, str, str], str]:
    """Return a cgroup file of a service, by the controller and the file's names on v1 and v2."""

    def read(service: str, old: str, new: str) -> str:
        identifier = inspect()[service]["Id"]
        return str(ask(f"cat $(find -L /sys/fs/cgroup -maxdepth 6 -path '*{identifier}*' \\( -name {old} -o -name {new} \\))")).strip()

    return read


@pytest.fixture(name="restored")
def _restored(play: Any, ask: Any) -> Iterator[None]:
    """Leave the stack as the inventory says, whatever the test did to it; where it released nothing else, the deploy step does that."""
    release = "cd /opt/ziggie/stack && find compose.yml release.json config secrets -type f -exec md5sum {} + | sort"
    before = ask(release)
    yield
    assert play("deploy" if ask(release) == before else "site").code == 0
