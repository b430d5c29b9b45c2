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
  - When asked, also reads what every container uses and what its limits have done to it (O(use)), and asks the programs
    in the containers for the settings that they run with (O(settings)).
  - Changes nothing.
options:
  project_src:
    description: The directory with the release's C(release.json). Without that file there is nothing to compare with.
    type: path
    required: true
  desired:
    description: The release's services to compare with instead, as P(ziggie.stack.release#filter) returns them in C(services).
    type: dict
  use:
    description: Also read what every container uses now, twice, half a second apart, and which image its reference points to.
    type: bool
    default: false
  settings:
    description:
      - Also ask the programs in the containers for their settings, and compare them with the tuning of the Budget in O(project_src).
      - A short command runs inside those containers that have no other way to tell, for five seconds at most.
    type: bool
    default: false
extends_documentation_fragment:
  - ziggie.stack.read_only
  - ziggie.stack.stack
seealso:
  - module: ziggie.stack.host_info
  - module: ziggie.stack.up
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
    - One entry per container, with C(service), C(number) (which of its service's containers), C(name), C(image), C(state), C(health), C(restarts),
      C(oom_killed), C(limits), C(kernel), C(labels), C(cgroup_parent), C(ports), C(started) (seconds since 1970),
      C(changed_files) (configuration files that are not the release's).
    - With O(use), C(use) holds C(memory), C(working_set), C(memory_peak), C(read), C(written) in bytes, C(cpu) and C(cpu_average) in millicores,
      C(throttled_share), C(memory_at_limit), C(oom_kills), C(pids), C(pressure), those that the kernel tells, all but C(cpu) and
      what is there now since the container was started; and C(image_current) is the id of the image that the reference points to.
    - With O(settings), C(settings) holds for a tuned program C(engine), C(live), C(differences) (C(key), C(desired), C(live)) and C(unknown), sentences,
      and C(protection) C(low) and C(effective), the bytes of memory that its own group and the least of all groups above protect, and that group (C(by)).
  returned: success
  type: list
  elements: dict
release_kept:
  description: Whether the release in O(project_src) is the last one that M(ziggie.stack.releases) kept.
  returned: success
  type: bool
budget:
  description: With O(settings), the Budget that lies in O(project_src); empty where there is none, or one that another version of the collection wrote.
  returned: success
  type: dict
slices:
  description: With O(settings), the project's slices, as M(ziggie.stack.host_info) returns them.
  returned: success
  type: dict
now:
  description: The host's clock, in seconds since 1970.
  returned: success
  type: float
live_state_silent:
  description: Whether the host should write its services' live state for node-exporter, as the release says, and does not.
  returned: success
  type: bool
volumes:
  description: With O(use), for each volume of the release C(device), the directory that it is bound to, C(released), that which it should be bound to,
    and C(free) and C(size) of its file system in bytes.
  returned: success
  type: dict
changes:
  description:
    - C(services) holds for each service of the release an C(action) (C(none), C(wait), C(update), C(start), C(recreate), C(create)) and its
      C(differences).
    - C(tiers) holds for each tier the services to C(deploy), those of them to C(recreate), those whose C(limits) to change in place, and those
      to C(wait) for. C(busy) lists the tiers with anything to do, C(create) the services of any tier that have no container.
    - C(orphans) lists what runs and is in no release, C(differs) whether there is anything to do.
  returned: success
  type: dict
"""

import json
import time
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.budget.format import current
from ansible_collections.ziggie.stack.plugins.module_utils.deploy import files
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.archive import Archive
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import compare
from ansible_collections.ziggie.stack.plugins.module_utils.engine import inquiry, volumes
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine, EngineError
from ansible_collections.ziggie.stack.plugins.module_utils.engine.live import describe
from ansible_collections.ziggie.stack.plugins.module_utils.engine.protection import protection
from ansible_collections.ziggie.stack.plugins.module_utils.host import units
from ansible_collections.ziggie.stack.plugins.module_utils.host.tree import Tree


def _document(module: AnsibleModule, name: str) -> dict:
    path = Path(module.params["project_src"]) / name
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        return module.fail_json(msg=f"{path} cannot be read ({error}); run the site playbook again.")


def _services(module: AnsibleModule, release: dict) -> dict:
    try:
        return release["services"] if release else {}
    except (KeyError, TypeError) as error:
        return module.fail_json(msg=f"release.json holds no {error}; run the site playbook again.")


def main() -> None:
    """Read, compare, return."""
    module = AnsibleModule(
        argument_spec={
            "project_src": {"type": "path", "required": True},
            "project": {"type": "str", "default": "ziggie"},
            "socket": {"type": "path", "default": "/var/run/docker.sock"},
            "desired": {"type": "dict"},
            "use": {"type": "bool", "default": False},
            "settings": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    directory = Path(module.params["project_src"])
    release = _document(module, "release.json")
    released = _services(module, release)
    services = released if module.params["desired"] is None else module.params["desired"]
    engine = Engine(module.params["socket"])
    more = {}
    try:
        inspected = engine.containers(module.params["project"])
        containers = [describe(container) for container in inspected]
        use = inquiry.Use(inspected) if module.params["use"] else None
        if module.params["settings"]:
            more["budget"] = current(_document(module, "budget.json"))
            told = inquiry.settings(inspected, more["budget"], module.params["socket"])
            protections = {container["Id"]: protection(container) for container in inspected}
            more["slices"] = units.describe(Tree(), module.params["project"])
            for container in containers:
                container["settings"] = told.get(container["id"], {})
                container["protection"] = protections[container["id"]]
                container["changed_files"] = files.changed(services.get(container["service"], {}), directory)
        if use:
            images, used = inquiry.images(engine, inspected), use.read()
            for container in containers:
                container["use"] = used.get(container["id"], {})
                container["image_current"] = images[container["image"]]
            more["volumes"] = volumes.places(engine, module.params["project"], release.get("volumes", {}))
    except EngineError as error:
        module.fail_json(msg=f"Cannot look at the stack: {error}.")
    finally:
        engine.close()
    changes = compare(services, containers, stale=files.stale(services, inspected, directory), released=released)
    more["release_kept"] = Archive(directory.parent / "releases", directory).is_kept()
    now = time.time()
    silent = files.silent(release, now)
    module.exit_json(changed=False, containers=containers, changes=changes, live_state_silent=silent, now=now, **more)


if __name__ == "__main__":
    main()
