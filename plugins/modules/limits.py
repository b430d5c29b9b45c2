#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change limits of running containers in place."""

from __future__ import annotations

DOCUMENTATION = r"""
module: limits
short_description: Change limits of running containers in place
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Gives the containers of the named services the limits of the release in O(project_src), without a restart and without a failed request.
  - One call for any number of services.
options:
  project_src:
    description: The directory with the release's C(release.json).
    type: path
    required: true
  services:
    description: The services to update.
    type: list
    elements: str
    required: true
  project:
    description: The Compose project.
    type: str
    default: ziggie
  socket:
    description: The Docker Engine's socket.
    type: path
    default: /var/run/docker.sock
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
"""

EXAMPLES = r"""
- name: Let Redis have what the budget gives it
  ziggie.stack.limits:
    project_src: /opt/ziggie/stack
    services:
      - redis
"""

RETURN = r"""
updated:
  description: Names of the containers whose limits were changed.
  returned: success
  type: list
  elements: str
"""

import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.budget.cores import written
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine, EngineError
from ansible_collections.ziggie.stack.plugins.module_utils.engine.live import describe


def _body(limits: dict, live: dict) -> dict:
    body = {
        "Memory": limits["memory"],
        "MemorySwap": limits["memory_swap"],
        "MemoryReservation": limits["memory_reservation"],
        "CpuShares": limits["cpu_shares"],
        "NanoCpus": limits["cpu_quota"] * 1_000_000,
        "PidsLimit": limits["pids"],
    }
    if limits["cpuset"] or live["cpuset"]:
        # The engine takes no list for "as it is"; all cores are a list, too.
        body["CpusetCpus"] = limits["cpuset"] or written(os.sched_getaffinity(0))
    return body | ({"BlkioWeight": limits["io_weight"]} if limits["io_weight"] else {})


def main() -> None:
    """Update what differs."""
    module = AnsibleModule(
        argument_spec={
            "project_src": {"type": "path", "required": True},
            "services": {"type": "list", "elements": "str", "required": True},
            "project": {"type": "str", "default": "ziggie"},
            "socket": {"type": "path", "default": "/var/run/docker.sock"},
        },
        supports_check_mode=True,
    )
    updated, diff = [], {"before": "", "after": ""}
    try:
        desired = json.loads((Path(module.params["project_src"]) / "release.json").read_text(encoding="utf-8"))["services"]
        engine = Engine(module.params["socket"])
        for container in engine.containers(module.params["project"]):
            live = describe(container)
            if live["service"] not in module.params["services"] or live["service"] not in desired:
                continue
            wanted = desired[live["service"]]["limits"]
            diff["before"] += f"{live['name']}: {json.dumps(live['limits'], sort_keys=True)}\n"
            diff["after"] += f"{live['name']}: {json.dumps(wanted, sort_keys=True)}\n"
            updated.append(live["name"])
            if not module.check_mode:
                engine.post(f"/containers/{live['id']}/update", _body(wanted, live["limits"]))
    except (OSError, ValueError, KeyError) as error:
        module.fail_json(msg=f"The release in {module.params['project_src']} cannot be read: {error}.", updated=updated)
    except EngineError as error:
        module.fail_json(msg=f"Cannot change the limits: {error}.", updated=updated)
    module.exit_json(changed=bool(updated), updated=updated, diff=diff)


if __name__ == "__main__":
    main()
