# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx: the workers that live, the files that they may open, and the connections of the configuration that the master was given.

`nginx -T` reads the files anew. What can be counted is counted instead; for the rest the files must be older than the container.
"""

from __future__ import annotations

import re

from .probe import Probe
from .subject import Subject, UnknownError

_CONFIG = re.compile(r"\s-c\s+(\S+)")
_CONNECTIONS = re.compile(r"^\s*worker_connections\s+(\d+)\s*;", re.MULTILINE)


def ask(subject: Subject) -> dict[str, str]:
    """Return workers, open files and connections."""
    processes = subject.processes()
    master = next((process for process in processes if process.title.startswith("nginx: master process")), None)
    workers = [process for process in processes if process.title.strip() == "nginx: worker process"]
    if master is None or not workers:
        raise UnknownError("there is no nginx master with workers")
    found = {"worker_processes": str(len(workers))}
    if workers[0].open_files is not None:
        found["worker_rlimit_nofile"] = str(workers[0].open_files)
    path = _CONFIG.search(master.title)
    # Its own reading also follows includes.
    said = subject.run(f"exec nginx -T -q -c {path[1] if path else '/etc/nginx/nginx.conf'}")
    connections = _CONNECTIONS.search(said)
    return found | ({"worker_connections": connections[1]} if connections else {})


PROBE = Probe(engine="nginx", ask=ask)
