#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs of a stack, with the limits the engine and the kernel really hold."""

from __future__ import annotations

DOCUMENTATION = r"""
module: stack_info
short_description: Read what runs of a stack and how it differs from its release
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Reads every container of a Compose project over the engine's socket in one call, with state, health, image, the limits that the engine was asked for,
    and the limits in the kernel's cgroup files.
  - Compares them with the release that lies in O(project_src), and tells for each service what a run would do about the difference.
  - When asked, also reads what every container uses and what its limits have done to it (O(use)), and what else a proof compares (O(compliance)).
  - Changes nothing.
options:
  project_src:
    description: The directory with the release's C(release.json). Without that file there is nothing to compare with.
    type: path
    required: true
  desired:
    description: The release's services to compare with instead, as P(ziggie.stack.release#filter) returns them in C(services).
    type: dict
  files:
    description: The release's files to compare with those on the host, as P(ziggie.stack.release#filter) returns them in C(digests).
    type: list
    elements: dict
  exclusive:
    description: With O(files), directories below which no other files may lie, as P(ziggie.stack.release#filter) returns them.
    type: list
    elements: path
    default: []
  use:
    description: Also read what every container uses now, twice, half a second apart, and which image its reference points to.
    type: bool
    default: false
  compliance:
    description:
      - Also read what validation compares, namely the Budget in O(project_src), whether the release there is the one that came up, how much memory
        is protected, and which configuration files are not those of the release.
    type: bool
    default: false
  log:
    description: The log of what runs did to the host, as M(ziggie.stack.lock) writes it.
    type: path
    default: /var/log/ziggie-runs/runs.jsonl
extends_documentation_fragment:
  - ziggie.stack.read_only
  - ziggie.stack.stack
seealso:
  - module: ziggie.stack.host_info
  - module: ziggie.stack.measure
  - module: ziggie.stack.up
"""

EXAMPLES = r"""
- name: Read the state of the stack
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
    - With O(compliance), C(protection) holds C(low) and C(effective), the bytes of memory that its own group and the least of all groups above protect,
      and that group (C(by)).
  returned: success
  type: list
  elements: dict
files:
  description: With O(files), what a run would do to the release's files, each with C(path) and C(action) (V(write) or V(remove)).
  returned: success
  type: list
  elements: dict
failed_before:
  description: With O(files), a sentence that says when and why a release with just these files failed on this host; empty where none did, or it came up since.
  returned: success
  type: str
release_kept:
  description: Whether the release in O(project_src) is the last one that M(ziggie.stack.releases) kept.
  returned: success
  type: bool
release_changed:
  description: With O(compliance), the files of the release in O(project_src) that are not those that M(ziggie.stack.releases) kept when it came up,
    null where none was kept.
  returned: success
  type: list
  elements: str
budget:
  description: With O(compliance), the Budget that lies in O(project_src), whichever version of the collection wrote it; empty where there is none.
  returned: success
  type: dict
runs:
  description:
    - The latest ten runs in O(log), the newest first, each with C(at), C(verb), C(who), C(outcome) (V(succeeded), V(failed), empty where it has not ended),
      C(seconds), C(plan) (the number of the plan file that it was held to), C(release) (that it archived), C(back_on) (the release that the stack went back
      to), C(changed), short phrases, and C(why), the first sentence of what failed.
  returned: success
  type: list
  elements: dict
downtimes:
  description: For each service that runs in O(log) gave a new container, C(seconds), for how long it was away, the median of the latest C(times) measurements.
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
    - C(services) holds for each service of the release an C(action) (C(none), C(wait), C(update), C(reload), C(start), C(recreate), C(create)) and its
      C(differences), and as C(replacement) in which C(manner) its containers are replaced (C(stop-first), C(rolling), C(start-first)) and C(why) not
      start-first.
    - C(tiers) holds for each tier the services to C(deploy), those of them to C(recreate), those whose C(limits) to change in place, those
      to C(wait) for, and where there are any those to C(reload). C(busy) lists the tiers with anything to do in their C(order), C(create) the services of
      any tier that have no container.
    - C(orphans) lists what runs and is in no release, C(differs) whether there is anything to do.
  returned: success
  type: dict
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.inspect import Question, inspect
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.release import ReleaseError
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import EngineError
from ansible_collections.ziggie.stack.plugins.module_utils.host.run_log import PATH as LOG


def main() -> None:
    """Read, compare, return."""
    module = AnsibleModule(
        argument_spec={
            "project_src": {"type": "path", "required": True},
            "project": {"type": "str", "default": "ziggie"},
            "socket": {"type": "path", "default": "/var/run/docker.sock"},
            "desired": {"type": "dict"},
            "files": {"type": "list", "elements": "dict"},
            "exclusive": {"type": "list", "elements": "path", "default": []},
            "use": {"type": "bool", "default": False},
            "compliance": {"type": "bool", "default": False},
            "log": {"type": "path", "default": LOG},
        },
        supports_check_mode=True,
    )
    given = module.params
    question = Question(
        directory=Path(given["project_src"]),
        project=given["project"],
        socket=given["socket"],
        desired=given["desired"],
        files=given["files"],
        exclusive=tuple(given["exclusive"]),
        use=given["use"],
        compliance=given["compliance"],
        log=Path(given["log"]),
    )
    try:
        answer = inspect(question, warn=module.warn)
    except EngineError as error:
        module.fail_json(msg=f"Cannot look at the stack: {error}.")
    except ReleaseError as error:
        module.fail_json(msg=f"{error}.")
    module.exit_json(changed=False, **answer)


if __name__ == "__main__":
    main()
