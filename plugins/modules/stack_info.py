#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs of a stack, with the limits the engine and the kernel really hold."""

from __future__ import annotations

DOCUMENTATION = r"""
module: stack_info
short_description: What runs of a stack, and how it differs from its release
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Reads every container of a Compose project over the engine's socket in one call, with state, health, image, the limits that the engine was asked for,
    and the limits in the kernel's cgroup files.
  - Compares them with the release that lies in O(project_src), and tells for each service what would mend the difference.
  - Changes nothing.
options:
  project_src:
    description: The directory with the release's C(release.json). Without that file there is nothing to compare with.
    type: path
    required: true
  project:
    description: The Compose project.
    type: str
    default: ziggie
  socket:
    description: The Docker Engine's socket.
    type: path
    default: /var/run/docker.sock
  wait_for:
    description: Services to wait for until they are up, that is running and healthy, or running where they have no probe.
    type: list
    elements: str
    default: []
  timeout:
    description: How many seconds to wait at most. Waiting ends earlier when a service has failed.
    type: int
    default: 600
  desired:
    description: The release's services to compare with instead, as P(ziggie.stack.release#filter) returns them in C(services).
    type: dict
extends_documentation_fragment:
  - ziggie.stack.read_only
seealso:
  - module: ziggie.stack.host_info
  - module: ziggie.stack.limits
"""

EXAMPLES = r"""
- name: Look at the stack
  ziggie.stack.stack_info:
    project_src: /opt/ziggie/stack
  register: stack
"""

RETURN = r"""
containers:
  description:
    - One entry per container, with C(service), C(name), C(image), C(state), C(health), C(restarts), C(oom_killed), C(limits), C(kernel),
      C(labels), C(ports).
  returned: success
  type: list
  elements: dict
settled:
  description: Whether every service of O(wait_for) is up.
  returned: success
  type: bool
changes:
  description:
    - C(services) holds for each service of the release an C(action) (C(none), C(wait), C(update), C(recreate), C(create)) and its C(differences).
    - C(tiers) holds for each tier the services to C(deploy), those whose C(limits) to change in place, and those to C(wait) for.
    - C(orphans) lists what runs and is in no release, C(differs) whether there is anything to do.
  returned: success
  type: dict
"""

import json
from datetime import UTC, datetime
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import compare
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.settle import settle
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine, EngineError
from ansible_collections.ziggie.stack.plugins.module_utils.engine.live import describe


def _released(module: AnsibleModule, directory: Path) -> dict:
    try:
        return json.loads((directory / "release.json").read_text(encoding="utf-8"))["services"]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError) as error:
        return module.fail_json(msg=f"{directory / 'release.json'} cannot be read ({error}); run the site playbook again.")


def _stale(services: dict, inspected: list, directory: Path) -> list:
    """Name the services with a secret file written after their container was made: the mount still shows the old file."""
    created = {
        (container["Config"].get("Labels") or {}).get("com.docker.compose.service"): _seconds(container["Created"])
        for container in inspected
    }
    found = []
    for name, service in services.items():
        paths = [directory / secret for secret in service["secrets"]]
        if name in created and any(path.exists() and path.stat().st_mtime > created[name] for path in paths):
            found.append(name)
    return found


def _seconds(text: str) -> float:
    head, _dot, fraction = text.rstrip("Z").partition(".")
    moment = datetime.strptime(head, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    return moment.timestamp() + float(f"0.{fraction[:6] or '0'}")


def main() -> None:
    """Read, compare, return."""
    module = AnsibleModule(
        argument_spec={
            "project_src": {"type": "path", "required": True},
            "project": {"type": "str", "default": "ziggie"},
            "socket": {"type": "path", "default": "/var/run/docker.sock"},
            "desired": {"type": "dict"},
            "wait_for": {"type": "list", "elements": "str", "default": []},
            "timeout": {"type": "int", "default": 600},
        },
        supports_check_mode=True,
    )
    directory = Path(module.params["project_src"])
    released = _released(module, directory)
    services = released if module.params["desired"] is None else module.params["desired"]
    engine = Engine(module.params["socket"])
    inspected = []

    def look() -> list:
        inspected[:] = engine.containers(module.params["project"])
        return [describe(container) for container in inspected]

    try:
        containers, settled = settle(look, module.params["wait_for"], module.params["timeout"])
    except EngineError as error:
        module.fail_json(msg=f"Cannot look at the stack: {error}.")
    changes = compare(services, containers, stale=_stale(services, inspected, directory), released=released)
    module.exit_json(changed=False, containers=containers, settled=settled, changes=changes)


if __name__ == "__main__":
    main()
