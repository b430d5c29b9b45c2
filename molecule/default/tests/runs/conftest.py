# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""See what a run of the playbook did to the host."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

# What a run may write; of the data only the directories themselves, since the services write into them.
_WRITTEN = "find /opt/ziggie /etc/docker /etc/sysctl.d /etc/systemd /etc/udev /etc/modules-load.d /etc/apt -printf '%p %m %U:%G %s %T@ %i\\n' | sort"
_DATA = "find /mnt/nvme/ziggie /var/log/ziggie -mindepth 0 -maxdepth 1 -printf '%p %m %U:%G %i\\n' | sort"

# Sends requests at fixed times, whether the ones before have been answered or not, until a file appears; prints how many, and what failed.
_LOAD = r"""
import collections, concurrent.futures, json, os, ssl, time, urllib.error, urllib.request
trust, rate = ssl._create_unverified_context(), 40
asked = ["https://127.0.0.1/api/items", "https://127.0.0.1/mcp"]
def ask(url):
    try:
        with urllib.request.urlopen(url, timeout=15, context=trust) as answer:
            answer.read()
            return "answered"
    except Exception as error:
        # What the gateway refuses itself is an answer of it: nginx says 502 or 504 where there is none.
        return "answered" if getattr(error, "code", 500) < 500 else f"{url}: {error}"
begun, sent = time.monotonic(), []
with concurrent.futures.ThreadPoolExecutor(64) as pool:
    while not os.path.exists("/tmp/stop-load") and len(sent) < rate * 300:
        sent.append(pool.submit(ask, asked[len(sent) % 2]))
        time.sleep(max(0, begun + len(sent) / rate - time.monotonic()))
print(json.dumps(collections.Counter(one.result() for one in sent)))
"""


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


@pytest.fixture(name="load")
def _load(ask: Any) -> Callable[[], AbstractContextManager[dict[str, int]]]:
    """Have requests sent to both services that nginx hands requests to; afterwards the dict tells how many had which answer."""

    @contextmanager
    def load() -> Iterator[dict[str, int]]:
        answers: dict[str, int] = {}
        ask(f"rm -f /tmp/stop-load; cat > /tmp/load.py <<'END'\n{_LOAD}\nEND")
        asking = threading.Thread(target=lambda: answers.update(json.loads(ask("python3 /tmp/load.py"))))
        asking.start()
        try:
            yield answers
        finally:
            ask("touch /tmp/stop-load")
            asking.join()

    return load
